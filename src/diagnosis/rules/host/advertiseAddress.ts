import type { HostName } from '../../../model/host/host';
import type { HostLink } from '../../../model/host/hostReading';
import { addressFamily, contains, parseCidr } from '../../../model/network/address';
import { deadPairsOf, type Analysis } from '../../analysis';
import { factsOf, readingOf } from '../../hosts';
import { isAddress, isNodeId, type Command } from '../../remedies/command';
import { rule } from '../../rule';

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
export const advertiseAddress = rule(
  {
    cuts: 'The containers of that host in networks of the swarm, which are dead now; its labels and availability are lost, and the text says so. A manager is demoted first, which Docker refuses where the majority would be lost; nothing is forced.',
    opens: 'Nothing.',
    undo: 'Leave and join again with the address of before; the node gets a new id each time.',
  },
  (analysis) =>
    [...analysis.cutOff, ...analysis.withoutGossip].flatMap((host) => {
      const { address } = factsOf(analysis, host);
      const all = addressesOf(analysis, host);
      if (address === undefined || addressFamily(address) === undefined) return [];
      if (all.length === 0 || all.some((one) => one.address === address) || hasHeardFromOthers(analysis, host))
        return [];
      const own = all.filter(isForOthers);
      const isNear = ({ cidr }: OwnAddress) => isInBlock(cidr, address);
      const best = own.find(isNear) ?? own[0];
      return {
        cause: 'advertise-address',
        title: `${host}: the swarm may have a wrong address of it`,
        // One that is translated looks the same from inside, and a firewall that stops what comes to it is enough then. Nobody
        // translates an address of the host's own subnet.
        strength: isStopped(analysis, host) && !own.some(isNear) ? 'guess' : 'pattern',
        evidence: [
          `${host} advertises ${address}; its interfaces have ${own.map((one) => one.address).join(', ') || 'none that others reach'}.`,
          'The other hosts send the network’s packets, and gossip, to the advertised address. That is right where it is translated to one of its own (NAT), as in most clouds, and the ports are forwarded.',
        ],
        pairs: analysis.withoutGossip.includes(host) ? deadCellsOf(analysis, host) : deadPairsOf(analysis, [host]),
        remedy: {
          text:
            `See first whether ${address} is translated to ${host} (NAT), and whether the security group or the router there lets the swarm’s ports ` +
            'in. Only if the address is wrong, and as a last resort, let it leave the swarm and join again, advertising an address of its own that the ' +
            `other hosts reach${best ? ` (${best.address})` : ''}. ${roleText(analysis, host)}Put what the manager prints in the place of TOKEN. Its node gets a new id ` +
            'and loses its labels and its availability: note them, and set them again; give --data-path-addr again if it had one. The old node stays in ' +
            'the list as down until it is removed; containers there that use networks of the swarm must be started again.',
          commands: commandsFor(analysis, host, best),
        },
      };
    }),
);

/** What a manager must mind: it has a vote, which goes by a demotion only. */
function roleText(analysis: Analysis, host: HostName): string {
  if (!isManager(analysis, host)) return '';
  if (otherManager(analysis, host) === undefined)
    return 'It is the only manager known here, and the swarm would end with it: make another host a manager first. ';
  return 'It is a manager: demote it first, wait until it is a worker, and let it join as a manager again. ';
}

/** Each command waits for the success of the one before; none is for the last manager, whose swarm would end. */
function commandsFor(analysis: Analysis, host: HostName, best: OwnAddress | undefined): Command[] {
  const manager = otherManager(analysis, host);
  const at = manager === undefined ? undefined : factsOf(analysis, manager).address;
  const isVoter = isManager(analysis, host);
  if (manager === undefined) return isVoter ? [] : [{ host, label: 'leave', command: 'docker swarm leave' }];
  const nodeId = analysis.hosts.find((row) => row.host === host)?.nodeId;
  const node = isNodeId(nodeId) ? nodeId : 'NODE_ID';
  const role = isVoter ? 'manager' : 'worker';
  return [
    ...(isVoter ? [{ host: manager, label: 'demote', command: `docker node demote ${node}` }] : []),
    { host, label: 'leave', command: 'docker swarm leave' },
    { host: manager, label: 'token', command: `docker swarm join-token -q ${role}` },
    ...(best && isAddress(at)
      ? [
          {
            host,
            label: 'join',
            command: `docker swarm join --advertise-addr ${best.address} --token TOKEN ${addressFamily(at) === 6 ? `[${at}]` : at}:2377`,
          },
        ]
      : []),
  ];
}

const isManager = (analysis: Analysis, host: HostName): boolean => analysis.facts.managers?.includes(host) ?? false;

const otherManager = (analysis: Analysis, host: HostName): HostName | undefined =>
  analysis.facts.managers?.find((one) => one !== host);

/** What was sent to it left the senders, and was stopped on its way in. */
const isStopped = (analysis: Analysis, host: HostName): boolean =>
  analysis.facts.ports?.some(({ to, stoppedAt }) => to === host && stoppedAt === 'to') ?? false;

const deadCellsOf = (analysis: Analysis, host: HostName) =>
  analysis.index.all.of(host).filter((pair) => pair.verdict === 'dead');

/** Something that was sent to the advertised address has arrived: whoever translates addresses there does it right. */
const hasHeardFromOthers = (analysis: Analysis, host: HostName): boolean =>
  analysis.facts.ports?.some(({ to, outcome }) => to === host && outcome === 'open') ?? false;

function addressesOf(analysis: Analysis, host: HostName): OwnAddress[] {
  return (readingOf(analysis, host)?.links ?? []).flatMap((link) =>
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
