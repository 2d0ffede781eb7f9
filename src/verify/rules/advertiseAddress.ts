import { isIP } from 'node:net';
import { contains, parseCidr } from '../../model/address';
import type { HostName } from '../../model/host';
import type { HostLink } from '../../model/hostReading';
import type { Command } from './remedies';
import { cells, deadPairsOf, factsOf, readingOf, type MatrixView, type Rule } from './view';

/** An address of a host's own, and the interface that has it. */
interface OwnAddress {
  readonly link: HostLink;
  /** With prefix length. */
  readonly cidr: string;
  readonly address: string;
}

/**
 * A host that is cut off advertises an address that none of its interfaces has: behind address translation, or an address
 * that has changed since it joined. The others send to where it is not.
 */
export const advertiseAddress: Rule = (view) =>
  [...view.cut, ...view.withoutGossip].flatMap((host) => {
    const { address } = factsOf(view, host);
    const all = addressesOf(view, host);
    if (address === undefined || isIP(address) === 0) return [];
    if (all.length === 0 || all.some((one) => one.address === address) || isReached(view, host)) return [];
    const own = all.filter(isForOthers);
    const best = own.find(({ cidr }) => isInBlock(cidr, address)) ?? own[0];
    return [
      {
        rule: 'advertise-address',
        title: `${host}: the swarm has a wrong address of it`,
        confidence: 'likely' as const,
        evidence: [
          `${host} advertises ${address}; its interfaces have ${own.map((one) => one.address).join(', ') || 'none that others reach'}.`,
          'The other hosts send the network’s packets, and gossip, to the advertised address.',
        ],
        pairs: cells(view.withoutGossip.includes(host) ? deadCellsOf(view, host) : deadPairsOf(view, [host])),
        remedy: {
          text:
            `Let ${host} leave the swarm and join again, advertising an address of its own that the other hosts reach` +
            `${best ? ` (${best.address})` : ''}. Put what the manager prints in the place of TOKEN. Its node gets a new id; containers there ` +
            'that use networks of the swarm must be started again.',
          commands: commandsFor(view, host, best),
        },
      },
    ];
  });

function commandsFor(view: MatrixView, host: HostName, best: OwnAddress | undefined): Command[] {
  const manager = view.facts.managers?.find((one) => one !== host);
  const at = manager === undefined ? undefined : factsOf(view, manager).address;
  return [
    { host, label: 'leave', command: 'docker swarm leave' },
    ...(manager === undefined ? [] : [{ host: manager, label: 'token', command: 'docker swarm join-token -q worker' }]),
    ...(best && at !== undefined && isIP(at) !== 0
      ? [
          {
            host,
            label: 'join',
            command: `docker swarm join --advertise-addr ${best.address} --token TOKEN ${isIP(at) === 6 ? `[${at}]` : at}:2377`,
          },
        ]
      : []),
  ];
}

const deadCellsOf = (view: MatrixView, host: HostName) =>
  view.pairs.filter((pair) => pair.verdict === 'dead' && (pair.from === host || pair.to === host));

/** Something that was sent to the advertised address has arrived: whoever translates addresses there does it right. */
const isReached = (view: MatrixView, host: HostName): boolean =>
  view.facts.ports?.some(({ to, outcome }) => to === host && outcome === 'open') ?? false;

function addressesOf(view: MatrixView, host: HostName): OwnAddress[] {
  return (readingOf(view, host)?.links ?? []).flatMap((link) =>
    link.addresses.flatMap((cidr) => {
      const [address = ''] = cidr.split('/');
      return parseCidr(cidr) ? [{ link, cidr, address }] : [];
    }),
  );
}

/** Neither loopback nor link-local, and not on a bridge of Docker's own. */
const isForOthers = ({ address, link }: OwnAddress): boolean =>
  !/^(127\.|::1$|fe80:)/i.test(address) && !/^(docker|br-|veth)/.test(link.name);

function isInBlock(cidr: string, address: string): boolean {
  const block = parseCidr(cidr);
  return block !== undefined && contains(block, address);
}
