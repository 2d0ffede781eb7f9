import type { HostLink, HostReading, HostRoute, KernelFeature } from '../../model/host/hostReading';

/** What the script of {@link readingScript} says, understood. */
export interface ParsedReading extends Pick<HostReading, 'kernel' | 'features' | 'links' | 'routes'> {
  /** The host's clock, epoch seconds as it wrote it. */
  readonly clock?: string;
}

const modules: readonly { readonly feature: KernelFeature; readonly module: string; readonly config: string }[] = [
  { feature: 'vxlan', module: 'vxlan', config: 'VXLAN' },
  { feature: 'esp', module: 'esp4', config: 'INET_ESP' },
  { feature: 'xtU32', module: 'xt_u32', config: 'NETFILTER_XT_MATCH_U32' },
  { feature: 'xtBpf', module: 'xt_bpf', config: 'NETFILTER_XT_MATCH_BPF' },
  { feature: 'ipVs', module: 'ip_vs', config: 'IP_VS' },
];

/** Where {@link readingScript} looks for the host's own files, when they are mounted. */
export const readingMounts = [
  { source: '/lib/modules', target: '/host/modules' },
  { source: '/boot', target: '/host/boot' },
] as const;

/**
 * A script for busybox and any other shell: every line begins with a letter that says what it is. Tables are cut, a
 * router may have hundreds of thousands of routes.
 */
export const readingScript = [
  // Not every busybox knows %N; its adjtimex tells microseconds.
  't=$(date +%s.%N)',
  `case $t in *N) t=$(adjtimex 2>/dev/null | awk '/tv_sec/{s=$2} /tv_usec/{printf "%s.%06d", s, $2}');; esac`,
  'echo "t ${t:-$(date +%s)}"',
  'r=$(uname -r); echo "k $r"',
  '{ zcat /proc/config.gz || cat "/host/boot/config-$r" || cat "/host/modules/$r/config"; } 2>/dev/null |' +
    ` grep -E '^(# )?CONFIG_(${modules.map(({ config }) => config).join('|')})[ =]' | sed 's/^/f /'`,
  `grep -oE '^(${modules.map(({ module }) => module).join('|')}) ' /proc/modules 2>/dev/null | sed 's/^/l /'`,
  'for f in modules.dep modules.builtin; do g="/host/modules/$r/$f"; [ -s "$g" ] || continue; echo "d $f";' +
    ` grep -oE '^[^: ]*/(${modules.map(({ module }) => module).join('|')})\\.ko' "$g" | sed 's/^/m /'; done`,
  'for l in /sys/class/net/*; do [ -d "$l" ] && echo "i ${l##*/} $(cat "$l/mtu") $(cat "$l/flags") $(cat "$l/carrier" 2>/dev/null)"; done',
  "ip -o addr 2>/dev/null | head -n 2000 | sed 's/^/a /'",
  "{ ip route; ip -6 route; } 2>/dev/null | head -n 4000 | sed 's/^/r /'",
  'true',
].join('\n');

/** Reads the lines of the script; a line of no known form is passed over. Pure. */
export function parseReading(lines: readonly string[]): ParsedReading {
  const of = (letter: string) =>
    lines.filter((line) => line.startsWith(`${letter} `)).map((line) => line.slice(2).trim());
  const [clock] = of('t').filter((text) => /^\d{9,}(\.\d+)?$/.test(text));
  return {
    kernel: of('k')[0] ?? '',
    features: featuresOf(of('f'), of('l'), of('d'), of('m')),
    links: linksOf(of('i'), of('a')),
    routes: routesOf(of('r')),
    ...(clock === undefined ? {} : { clock }),
  };
}

/**
 * A module counts as there when it is built in, loaded, or listed for this kernel. It counts as missing when the
 * configuration leaves it out, or when both lists of modules are there and neither has it: a distribution may put it
 * into a package of its own that is not installed.
 */
function featuresOf(
  config: readonly string[],
  loaded: readonly string[],
  listsFound: readonly string[],
  listed: readonly string[],
): HostReading['features'] {
  const known = modules.flatMap(({ feature, module, config: option }): [KernelFeature, boolean][] => {
    const isListed = listed.some((path) => path.endsWith(`/${module}.ko`));
    if (config.includes(`CONFIG_${option}=y`) || loaded.includes(module) || isListed) return [[feature, true]];
    const isLeftOut = config.includes(`# CONFIG_${option} is not set`);
    const areListsComplete = ['modules.dep', 'modules.builtin'].every((list) => listsFound.includes(list));
    return isLeftOut || areListsComplete ? [[feature, false]] : [];
  });
  return Object.fromEntries(known);
}

function linksOf(links: readonly string[], addresses: readonly string[]): HostLink[] {
  const byLink = addresses.flatMap((line) => {
    const match = /^\d+:\s+(\S+)\s+inet6?\s+(\S+)/.exec(line);
    return match ? [{ name: bare(match[1] ?? ''), address: match[2] ?? '' }] : [];
  });
  return links.flatMap((line) => {
    const match = /^(\S+) (\d+) 0x([0-9a-f]+)(?: ([01]))?$/i.exec(line);
    if (!match) return [];
    const [, name = '', mtu, flags = '', carrier] = match;
    const own = byLink.filter((one) => one.name === name).map(({ address }) => address);
    // IFF_UP
    const up = (Number.parseInt(flags, 16) & 1) === 1;
    return [{ name, mtu: Number(mtu), up, ...(carrier && { carrier: carrier === '1' }), addresses: own }];
  });
}

/** "eth0@if4" is eth0. */
const bare = (name: string): string => name.split('@')[0] ?? '';

/** Kinds of routes that lead nowhere, or are for groups. */
const otherKinds = /^(unreachable|blackhole|prohibit|throw|multicast|broadcast|local|anycast)\b/;

function routesOf(lines: readonly string[]): HostRoute[] {
  const routes: HostRoute[] = [];
  /** A route with several ways names them on the lines below it. */
  let destination: string | undefined;
  for (const line of lines) {
    const isWay = line.startsWith('nexthop');
    if (!isWay) destination = otherKinds.test(line) ? undefined : destinationOf(line);
    const link = /\bdev (\S+)/.exec(line)?.[1];
    if (destination === undefined || link === undefined) continue;
    const gateway = /\bvia (?:inet6? )?(\S+)/.exec(line)?.[1];
    routes.push({ destination, ...(gateway === undefined ? {} : { gateway }), link: bare(link) });
    // One way is enough to know where it leads.
    if (isWay) destination = undefined;
  }
  return routes;
}

/** `ip` leaves out the prefix length of single hosts, and calls the default by its name; IPv6 is known by its colons. */
function destinationOf(line: string): string | undefined {
  const [first = ''] = line.split(/\s+/);
  if (first === 'default') return /\b(via|nexthop via|from) [0-9a-f]*:/.test(line) ? '::/0' : '0.0.0.0/0';
  if (!/^[0-9a-f.:]+(\/\d+)?$/i.test(first)) return undefined;
  if (first.includes('/')) return first;
  return `${first}/${first.includes(':') ? 128 : 32}`;
}
