import type { HostName } from '../../model/host/host';
import type { PairProof, ProofReport } from '../../model/report/proof';
import { defaultDataPathPort } from '../../model/network/vxlan';
import type { ReportHead } from '../../model/report/reportHead';
import { PairIndex } from '../../model/report/pairIndex';
import { proofFindings, type JudgedPair } from '../../diagnosis/proofFindings';
import type { ProofFindings, ProofRequest } from './proof';
import { sizedPairs, type SizedPair } from './packetSizes';
import { PacketCounter, type PairCounts } from './watch/packetCounts';
import { judge } from './verdict';
import { conclusionOf } from './words';

/** What was seen of an ordered pair. */
type CountedPair = SizedPair & PairCounts;

/** Makes the report of what was seen. */
export function concludeProof(request: ProofRequest, head: ReportHead, found: ProofFindings): ProofReport {
  const { network } = request;
  const { outcome } = head;
  const judged = outcome === 'finished' ? judgeAll(request, found) : [];
  const pairs = judged.map(({ proof }) => proof);
  return {
    schema: 'docker-overlay/proof@1',
    ...head,
    network: { id: network.id, name: network.name, encrypted: network.encrypted },
    hosts: request.hosts.map(({ host }) => hostRow(host, found)),
    pairs,
    conclusion:
      outcome === 'cancelled'
        ? 'The proof was cancelled.'
        : head.error
          ? head.error.happened
          : conclusionOf(network.encrypted, pairs),
    findings: outcome === 'finished' ? proofFindings(request, judged, found.problems) : [],
  };
}

function hostRow(host: HostName, { watches, problems }: ProofFindings): ProofReport['hosts'][number] {
  const problem = problems.get(host);
  const by = watches.find((watch) => watch.host === host)?.by;
  return { host, ...(by && { by }), ...(problem !== undefined && { problem }) };
}

function judgeAll(request: ProofRequest, found: ProofFindings): JudgedPair[] {
  const { facts, hosts } = request;
  const advertised = new Map(facts?.hosts.flatMap(({ host, address }) => (address ? [[host, address] as const] : [])));
  const counter = new PacketCounter({ watches: found.watches, probes: found.probes, advertised });
  const sized = sizedPairs(hosts.map(({ host }) => host));
  const counted = new PairIndex(sized.map((pair) => ({ ...pair, ...counter.counts(pair) })));
  return sized.flatMap(({ from, to }) => {
    const [counts, back] = [counted.get(from, to), counted.get(to, from)];
    return counts && back ? [judgePair(request, found, counts, back)] : [];
  });
}

function judgePair(request: ProofRequest, found: ProofFindings, counts: CountedPair, back: CountedPair): JudgedPair {
  const { from, to } = counts;
  const pingsOf = (pair: SizedPair) => found.pings.get(pair.from)?.find((one) => one.to === pair.to);
  const pings = pingsOf(counts);
  const problem = sameMachine(request, counts) ?? missing(found, counts) ?? pings?.problem;
  const { verdict, reason, lostAt } = judge({
    from,
    to,
    encrypted: request.network.encrypted,
    dataPathPort: request.facts?.dataPathPort ?? defaultDataPathPort,
    pings: { sent: pings?.sent ?? 0, answered: pings?.answered ?? 0 },
    counts,
    back: { sent: pingsOf(back)?.sent ?? 0, counts: back },
    withoutEsp: found.watches.filter((watch) => watch.kernelHasEsp === false).map((watch) => watch.host),
    lossy: found.watches.filter((watch) => watch.isPartial).map((watch) => watch.host),
    ...(problem !== undefined && { problem }),
  });
  const { associations, keyAgeSeconds } = counts;
  const proof: PairProof = {
    from,
    to,
    verdict,
    esp: both(counts.esp.request),
    plaintext: both(counts.allClear),
    pings: { sent: pings?.sent ?? 0, answered: pings?.answered ?? 0 },
    ...(Object.keys(associations).length > 0 && { associations }),
    ...(keyAgeSeconds !== undefined && { keyAgeSeconds }),
    ...(reason !== undefined && { reason }),
  };
  return { proof, ...(lostAt && { lostAt }) };
}

const both = ({ sent, arrived }: { sent?: number; arrived?: number }): { sent: number; arrived: number } => ({
  sent: sent ?? 0,
  arrived: arrived ?? 0,
});

/** What stays on one machine never meets the network between hosts. */
function sameMachine({ hosts }: ProofRequest, { from, to }: SizedPair): string | undefined {
  const node = (name: HostName) => hosts.find(({ host }) => host === name)?.nodeId;
  return node(from) !== undefined && node(from) === node(to)
    ? `${from} and ${to} are the same machine: nothing travels between them.`
    : undefined;
}

/** Why one of the ends has no test container, or nothing could be looked for. */
function missing({ probes, problems, vnis }: ProofFindings, { from, to }: SizedPair): string | undefined {
  const absent = [from, to].find((host) => !probes.has(host));
  if (absent !== undefined) return problems.get(absent) ?? `${absent} has no test container.`;
  return vnis.length === 0 ? 'No engine tells the VXLAN identifier of the network.' : undefined;
}
