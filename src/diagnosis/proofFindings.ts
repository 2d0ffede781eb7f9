import type { Finding } from '../model/report/finding';
import type { HostName } from '../model/host/host';
import type { PairProof } from '../model/report/proof';
import { defaultDataPathPort, addressesOfPeers, type VerifyFacts } from './facts';
import { firewallCommands, type Opening } from './remedies/firewall';
import { trafficText } from '../model/network/underlay';
import { onlyLooks, opensForPeers, restartStops, type RemedySafety } from './remedies/safety';
import { count, listAll } from '../base/text/words';
import { findingOf, type Explanations } from './explanation';
import { kernelConfigOfEsp } from './remedies/engine';

/** What was to be proved, as far as findings speak of it. */
export interface ProofSubject {
  readonly network: { readonly name: string; readonly encrypted: boolean };
  readonly hosts: readonly { readonly host: HostName; readonly engineVersion?: string }[];
  readonly helperImage: string;
  readonly facts?: VerifyFacts;
}

/** Where packets of a dead pair are lost. */
export type LostAt =
  | { readonly kind: 'kernel'; readonly hosts: readonly HostName[] }
  /** The host does not let them out or take them in. */
  | { readonly kind: 'host'; readonly host: HostName; readonly direction: 'in' | 'out' }
  /** The host has no key for, or of, another one. */
  | { readonly kind: 'association'; readonly host: HostName }
  /** It gets the requests and answers none: not let in, or the answers not let out. */
  | { readonly kind: 'unanswered'; readonly host: HostName }
  | { readonly kind: 'between' };

/** A pair's proof, and where its packets are lost. */
export interface JudgedPair {
  readonly proof: PairProof;
  readonly lostAt?: LostAt;
}

/** What following the remedies does, by rule; see {@link RemedySafety}. */
export const proofRemedySafety: Readonly<Record<string, RemedySafety>> = {
  'encrypted-in-the-clear': onlyLooks,
  'kernel-without-esp': onlyLooks,
  'esp-blocked': opensForPeers,
  'data-path-blocked': opensForPeers,
  'no-security-association': onlyLooks,
  'esp-blocked-between': onlyLooks,
  'data-path-blocked-between': onlyLooks,
  'no-answer': onlyLooks,
  'not-looked-at': {
    cuts: 'Nothing: an image is loaded.',
    opens: 'Nothing.',
    undo: 'docker rmi IMAGE',
  },
};

/** What is wrong and what to do, for what a proof saw. Pure; empty when all is as it should be. */
export function proofFindings(
  request: ProofSubject,
  judged: readonly JudgedPair[],
  problems: ReadonlyMap<HostName, string>,
): Finding[] {
  return [
    leak(request, judged),
    withoutEsp(judged),
    blockedAtHosts(request, judged),
    withoutKeys(judged),
    blockedBetween(request, judged),
    withoutAnswer(request, judged),
    notLookedAt(request, problems),
  ]
    .flat()
    .map(findingOf);
}

/** Packets of a network that is set to encrypt, in the clear. */
function leak({ network, hosts }: ProofSubject, judged: readonly JudgedPair[]): Explanations {
  const pairs = judged.filter(({ proof }) => proof.verdict === 'plaintext').map(({ proof }) => proof);
  if (!network.encrypted || pairs.length === 0) return [];
  const senders = [...new Set(pairs.map(({ from }) => from))];
  const versions = hosts.filter(({ host }) => senders.includes(host));
  return {
    cause: 'encrypted-in-the-clear',
    title: `${listAll(senders)}: packets of an encrypted network travel in the clear`,
    strength: 'measured',
    evidence: [
      `VXLAN packets of ${network.name} were seen unencrypted on ${count(pairs.length, 'way')} between hosts.`,
      ...versions.map(({ host, engineVersion }) => `${host} runs Docker ${engineVersion ?? 'of unknown version'}.`),
    ],
    pairs,
    remedy: {
      text:
        'Engines below 20.10.24 and 23.0.3 send in the clear where the kernel lacks xt_u32 (CVE-2023-28840 to 28842): ' +
        'update them. On newer ones look for rules in the mangle table that were removed; restarting Docker adds them again: ' +
        `${restartStops}.`,
      commands: senders.map((host) => ({
        host,
        label: 'marks for encryption',
        command: 'sudo iptables -t mangle -S OUTPUT',
      })),
    },
  };
}

function withoutEsp(judged: readonly JudgedPair[]): Explanations {
  const concerned = judged.filter(({ lostAt }) => lostAt?.kind === 'kernel');
  const hosts = [...new Set(concerned.flatMap(({ lostAt }) => (lostAt?.kind === 'kernel' ? lostAt.hosts : [])))];
  if (hosts.length === 0) return [];
  return {
    cause: 'kernel-without-esp',
    title: `${listAll(hosts)}: the kernel cannot encrypt (no ESP)`,
    strength: 'measured',
    evidence: [
      `The kernel of ${listAll(hosts)} is built without CONFIG_INET_ESP.`,
      `${count(concerned.length, 'pair')} from and to ${listAll(hosts)} lose every packet.`,
    ],
    pairs: concerned.map(({ proof: { from, to } }) => ({ from, to })),
    remedy: {
      text: 'Boot a kernel with CONFIG_INET_ESP there, or use a network without encryption where nobody between the hosts can read along.',
      commands: hosts.map(kernelConfigOfEsp),
    },
  };
}

function blockedAtHosts(request: ProofSubject, judged: readonly JudgedPair[]): Explanations {
  const lost = judged.flatMap(({ proof, lostAt }) => (lostAt?.kind === 'host' ? [{ proof, ...lostAt }] : []));
  return [...new Set(lost.map(({ host }) => host))].map((host) => {
    const own = lost.filter((one) => one.host === host);
    const pairs = own.map(({ proof }) => proof);
    const directions = (['in', 'out'] as const).filter((one) => own.some(({ direction }) => direction === one));
    const addresses = addressesOfPeers(request.facts ?? { hosts: [] }, host);
    const openings = [openingOf(request)];
    return {
      cause: request.network.encrypted ? 'esp-blocked' : 'data-path-blocked',
      title: `${host}: ${whatOf(request)} does not pass`,
      strength: 'measured',
      evidence: [...new Set(pairs.flatMap((pair) => pair.reason ?? []))],
      pairs,
      remedy: {
        text: `Let ${whatOf(request)} ${directions.join(' and ')} at ${host}, ${directions.includes('in') ? 'for' : 'to'} all other hosts of the swarm.`,
        commands: directions.flatMap((direction) => firewallCommands(host, direction, addresses, openings)),
      },
    };
  });
}

/** The engine has not given the kernel the key for another host, or of it: no firewall is in the way. */
function withoutKeys(judged: readonly JudgedPair[]): Explanations {
  const lost = judged.flatMap(({ proof, lostAt }) => (lostAt?.kind === 'association' ? [{ proof, ...lostAt }] : []));
  const hosts = [...new Set(lost.map(({ host }) => host))];
  if (hosts.length === 0) return [];
  return {
    cause: 'no-security-association',
    title: `${listAll(hosts)}: the kernel has no key for the other hosts`,
    strength: 'measured',
    evidence: [...new Set(lost.flatMap(({ proof }) => proof.reason ?? []))],
    pairs: lost.map(({ proof: { from, to } }) => ({ from, to })),
    remedy: {
      text:
        'The engine there gives the kernel the keys. Its log says why it did not; where it says nothing, restart Docker there, one host ' +
        `at a time: ${restartStops}.`,
      commands: hosts.map((host) => ({
        host,
        label: 'what Docker says of keys',
        command: 'sudo journalctl -u docker -n 500 | grep -i -E "encr|xfrm|rSA|fSA"',
      })),
    },
  };
}

function blockedBetween(request: ProofSubject, judged: readonly JudgedPair[]): Explanations {
  const pairs = judged.filter(({ lostAt }) => lostAt?.kind === 'between').map(({ proof }) => proof);
  if (pairs.length === 0) return [];
  const hosts = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))];
  return {
    cause: request.network.encrypted ? 'esp-blocked-between' : 'data-path-blocked-between',
    title: `${listAll(hosts)}: ${whatOf(request)} is lost between them`,
    strength: 'measured',
    evidence: [...new Set(pairs.flatMap((pair) => pair.reason ?? []))],
    pairs,
    remedy: {
      text:
        `Packets leave the one and do not reach the other: let ${whatOf(request)} through in what is between them ` +
        '(security groups of a cloud, a router or its NAT, a hypervisor).',
      commands: [],
    },
  };
}

/** What arrives there is not answered, and nothing tells whether it is not let in or the answer not let out. */
function withoutAnswer(request: ProofSubject, judged: readonly JudgedPair[]): Explanations {
  const lost = judged.flatMap(({ proof, lostAt }) => (lostAt?.kind === 'unanswered' ? [{ proof, ...lostAt }] : []));
  return [...new Set(lost.map(({ host }) => host))].map((host) => {
    const pairs = lost.filter((one) => one.host === host).map(({ proof }) => proof);
    return {
      cause: 'no-answer',
      title: `${host} does not answer`,
      strength: 'pattern',
      evidence: [...new Set(pairs.flatMap((pair) => pair.reason ?? []))],
      pairs,
      remedy: {
        text: `See whether a firewall of ${host} lets ${whatOf(request)} in, and out again, for the other hosts of the swarm.`,
        commands: (['INPUT', 'OUTPUT'] as const).map((chain) => ({
          host,
          label: `rules of ${chain}`,
          command: `sudo iptables -S ${chain}`,
        })),
      },
    };
  });
}

function notLookedAt({ helperImage }: ProofSubject, problems: ReadonlyMap<HostName, string>): Explanations {
  if (problems.size === 0) return [];
  const hosts = [...problems.keys()];
  const isImage = [...problems.values()].some((problem) => problem.includes(helperImage));
  return {
    cause: 'not-looked-at',
    title: `${listAll(hosts)}: could not be looked at`,
    strength: 'measured',
    evidence: [...new Set(problems.values())],
    pairs: [],
    remedy: {
      text: isImage
        ? `Load ${helperImage} on one host; it is copied to the others from there. Or build the small image of media/helper/Dockerfile and set dockerOverlay.verify.helperImage to it. A host reached over SSH by root, or by a user with sudo without a password, needs only tcpdump of its own.`
        : 'Remove the cause named above, then prove again.',
      commands: isImage
        ? hosts.slice(0, 1).map((host) => ({
            host,
            label: 'get the image',
            command: `docker pull '${helperImage.replaceAll("'", '')}'`,
          }))
        : [],
    },
  };
}

const openingOf = (request: ProofSubject): Opening =>
  request.network.encrypted
    ? { protocol: 'esp' }
    : { protocol: 'udp', port: request.facts?.dataPathPort ?? defaultDataPathPort };

const whatOf = (request: ProofSubject): string => trafficText(openingOf(request));
