import { readFileSync } from 'node:fs';
import type { LabHost } from './host';
import type { LabMachine } from './machine';
import { cutMachines, setLink } from './network';

export type Direction = 'in' | 'out';
export type DaemonName = 'dockerd' | 'sshd';

/** Traffic that a host's firewall throws away: what arrives for a port of it, or what it sends to a port elsewhere. */
export interface Block {
  protocol: 'tcp' | 'udp' | 'esp' | 'icmp';
  /** Destination port; left out: all. */
  port?: number | undefined;
  direction: Direction;
  /** Only from (in) or to (out) this machine; left out: all. */
  peer?: string | undefined;
}

/** A fault that is in force. `what` is what would be typed to get it. */
export interface Fault {
  host: string;
  kind: 'cut' | 'block' | 'loss' | 'mtu' | 'frozen' | 'dead';
  what: string;
}

/** Our own chains, so that Docker's rules stay as they are and clearing is exact. */
const chains: Readonly<Record<Direction, { own: string; from: string }>> = {
  in: { own: 'LAB-IN', from: 'INPUT' },
  out: { own: 'LAB-OUT', from: 'OUTPUT' },
};

const usualMtu = 1500;

/** Reads `udp/4789`, `tcp`, `esp`. Throws for anything else. */
export function parseTraffic(text: string): Pick<Block, 'protocol' | 'port'> {
  const match = /^(tcp|udp|esp|icmp)(?:\/(\d{1,5}))?$/.exec(text);
  const protocol = match?.[1] as Block['protocol'] | undefined;
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  const portAllowed = protocol === 'tcp' || protocol === 'udp';
  if (!protocol || (port !== undefined && (!portAllowed || port < 1 || port > 65535))) {
    throw new Error(
      `"${text}" is no traffic: use tcp, udp, esp or icmp, for tcp and udp also with a port, as in udp/4789.`,
    );
  }
  return { protocol, port };
}

/** The faults of one host. Each takes effect before its promise resolves, and can be taken back. */
export class HostFaults {
  constructor(
    private readonly host: LabHost,
    private readonly sw: LabMachine,
    private readonly addressOf: (machine: string) => string,
  ) {}

  /** Pulls the host's network cable. */
  cut(): Promise<void> {
    return setLink(this.sw, this.host.name, false);
  }

  /** Puts the cable in again. */
  restore(): Promise<void> {
    return setLink(this.sw, this.host.name, true);
  }

  /** Throws traffic away, silently, as a firewall that drops. Twice the same is once. */
  async block(block: Block): Promise<void> {
    await this.unblock(block);
    await this.change(block.direction, ['-A', ...this.blockRule(block)]);
  }

  /** Takes back exactly this block; no error when it was not there. */
  unblock(block: Block): Promise<void> {
    return this.removeRules(block.direction, commentOf(block));
  }

  /** Sets the size of packets the host's network interface carries, in bytes; without a size, the usual 1500. */
  async mtu(bytes: number = usualMtu): Promise<void> {
    await this.host.execOk(['ip', 'link', 'set', 'eth0', 'mtu', String(bytes)]);
  }

  /** Throws away this share (0 to 100) of the packets that arrive, of all or of some traffic. 0 takes it back. */
  async loss(percent: number, traffic?: Pick<Block, 'protocol' | 'port'>): Promise<void> {
    if (!(percent >= 0 && percent <= 100)) throw new Error(`A loss of ${percent} is not between 0 and 100 per cent.`);
    const comment = `lab loss${traffic ? ` ${trafficText(traffic)}` : ''}`;
    await this.removeRules('in', comment);
    if (percent === 0) return;
    const chance = ['-m', 'statistic', '--mode', 'random', '--probability', String(percent / 100)];
    await this.change('in', ['-A', ...(traffic ? matchOf(traffic) : []), ...chance, ...drop(`${comment} ${percent}`)]);
  }

  /** Ends a daemon without warning; an SSH server together with its open connections. */
  kill(daemon: DaemonName): Promise<void> {
    return this.host[daemon].kill();
  }

  /** Makes a daemon hang: connections stay open, nothing answers. */
  freeze(daemon: DaemonName): Promise<void> {
    return this.host[daemon].freeze();
  }

  thaw(daemon: DaemonName): Promise<void> {
    return this.host[daemon].thaw();
  }

  stop(daemon: DaemonName): Promise<void> {
    return this.host[daemon].stop();
  }

  start(daemon: DaemonName): Promise<void> {
    return this.host[daemon].start();
  }

  restart(daemon: DaemonName): Promise<void> {
    return this.host[daemon].restart();
  }

  /** The faults in force, read from the system itself: also those of an earlier process. */
  async list(): Promise<Fault[]> {
    const host = this.host.name;
    const found: Fault[] = [];
    if ((await cutMachines(this.sw)).includes(host)) found.push({ host, kind: 'cut', what: `cut ${host}` });
    for (const direction of ['in', 'out'] as const) {
      for (const rule of await this.rules(direction)) {
        const words = /--comment "lab (block|loss) ?([^"]*)"/.exec(rule);
        const kind = words?.[1] === 'loss' ? 'loss' : 'block';
        const rest = words?.[2] ?? '';
        const lossParts = /^(?:(\S+) )?(\S+)$/.exec(rest);
        const lossText = `loss ${host} ${lossParts?.[2]}${lossParts?.[1] ? ` --port ${lossParts[1]}` : ''}`;
        found.push({ host, kind, what: kind === 'loss' ? lossText : `block ${host} ${rest}` });
      }
    }
    const mtu = Number(readFileSync(`${this.host.root}/sys/class/net/eth0/mtu`, 'utf8'));
    if (mtu !== usualMtu) found.push({ host, kind: 'mtu', what: `mtu ${host} ${mtu}` });
    for (const daemon of ['dockerd', 'sshd'] as const) {
      const state = this.host[daemon].state();
      if (state === 'frozen') found.push({ host, kind: 'frozen', what: `freeze ${host} ${daemon}` });
      if (state === 'dead') found.push({ host, kind: 'dead', what: `stop ${host} ${daemon}` });
    }
    return found;
  }

  /** Takes back every fault of this host; daemons that do not run are started. */
  async clear(): Promise<void> {
    await Promise.all([this.restore(), this.mtu(), this.dropChain('in'), this.dropChain('out')]);
    for (const daemon of ['dockerd', 'sshd'] as const) {
      await this.host[daemon].thaw();
      await this.host[daemon].start();
    }
  }

  private blockRule(block: Block): string[] {
    const peer = block.peer === undefined ? [] : [block.direction === 'in' ? '-s' : '-d', this.addressOf(block.peer)];
    return [...matchOf(block), ...peer, ...drop(commentOf(block))];
  }

  /** Changes our chain of a direction, which is made, and put before all other rules, when it is not there. */
  private async change(direction: Direction, words: readonly string[]): Promise<void> {
    const { own, from } = chains[direction];
    const [verb, ...rest] = words;
    await this.host.execOk(['sh', '-euc', enterChainScript, 'sh', own, from]);
    await this.host.execOk(['iptables', '-w', verb as string, own, ...rest]);
  }

  /** Removes the rules with this comment (one more word, the loss's share, may follow), and the chain with the last one. */
  private async removeRules(direction: Direction, comment: string): Promise<void> {
    const rules = await this.rules(direction);
    const isMeant = (rule: string): boolean => {
      const found = /--comment "([^"]*)"/.exec(rule)?.[1] ?? '';
      return found === comment || (comment.startsWith('lab loss') && found.replace(/ [\d.]+$/, '') === comment);
    };
    const numbers = rules.flatMap((rule, index) => (isMeant(rule) ? [index + 1] : []));
    if (numbers.length === 0) return;
    if (numbers.length === rules.length) return this.dropChain(direction);
    // From the last to the first, because removing one renumbers those after it.
    for (const number of numbers.reverse()) {
      await this.host.execOk(['iptables', '-w', '-D', chains[direction].own, String(number)]);
    }
  }

  private async rules(direction: Direction): Promise<string[]> {
    const { own } = chains[direction];
    const shown = await this.host.exec(['iptables', '-w', '-S', own]);
    return shown.stdout.split('\n').filter((line) => line.startsWith(`-A ${own} `));
  }

  private async dropChain(direction: Direction): Promise<void> {
    const { own, from } = chains[direction];
    await this.host.exec(['sh', '-c', dropChainScript, 'sh', own, from]);
  }
}

const enterChainScript = `
iptables -w -n -L "$1" >/dev/null 2>&1 || iptables -w -N "$1"
iptables -w -D "$2" -j "$1" 2>/dev/null || true
iptables -w -I "$2" 1 -j "$1"
`;

const dropChainScript = `
iptables -w -n -L "$1" >/dev/null 2>&1 || exit 0
while iptables -w -D "$2" -j "$1" 2>/dev/null; do :; done
iptables -w -F "$1"
iptables -w -X "$1"
`;

function matchOf(traffic: Pick<Block, 'protocol' | 'port'>): string[] {
  return ['-p', traffic.protocol, ...(traffic.port === undefined ? [] : ['--dport', String(traffic.port)])];
}

function drop(comment: string): string[] {
  return ['-m', 'comment', '--comment', comment, '-j', 'DROP'];
}

function trafficText(traffic: Pick<Block, 'protocol' | 'port'>): string {
  return traffic.port === undefined ? traffic.protocol : `${traffic.protocol}/${traffic.port}`;
}

/** The comment is how a rule is found again; iptables itself may print `esp` or a port in another form. */
function commentOf(block: Block): string {
  return `lab block ${trafficText(block)} ${block.direction}${block.peer === undefined ? '' : ` --peer ${block.peer}`}`;
}
