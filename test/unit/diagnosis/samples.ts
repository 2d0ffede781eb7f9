import type { ProbeHost, PairResult, PingResult, VerificationReport } from '../../../src/model/report/matrix';
import { summarise } from '../../../src/model/report/matrix';
import type { VerifyFacts } from '../../../src/diagnosis/facts';
import type { Matrix } from '../../../src/diagnosis/analysis';

export const answered: PingResult = { outcome: 'answered', sent: 3, received: 3, minMs: 0.1, avgMs: 0.2, maxMs: 0.3 };
export const silent: PingResult = { outcome: 'silent', sent: 3, received: 0 };
export const partial: PingResult = { outcome: 'partial', sent: 3, received: 2, minMs: 0.1, avgMs: 0.2, maxMs: 0.3 };
export const notTried: PingResult = { outcome: 'notTried', sent: 0, received: 0 };

export const addressOf = (host: string): string => `10.0.1.${Number(host.replace(/\D/g, '')) + 1}`;

export function healthyPair(from: string, to: string): PairResult {
  return {
    from,
    to,
    name: { outcome: 'resolved', address: addressOf(to), right: true },
    address: answered,
    byName: answered,
  };
}

export const dead = { address: silent, byName: silent };
export const deadAndUnknown = { name: { outcome: 'unknown' }, address: silent, byName: notTried } as const;

/** A matrix of node1..nodeN, healthy apart from what `change` says of a pair. */
export function matrixOf(
  count: number,
  change: (from: string, to: string) => Partial<PairResult> | undefined = () => undefined,
  problems: Readonly<Record<string, ProbeHost['problem']>> = {},
): Matrix {
  const names = Array.from({ length: count }, (_, index) => `node${index + 1}`);
  const hosts = names.map((host) => {
    const problem = problems[host];
    return problem ? { host, problem } : { host, address: addressOf(host), containerName: `probe-${host}` };
  });
  const pairs = names.flatMap((from) =>
    names.filter((to) => to !== from).map((to) => ({ ...healthyPair(from, to), ...change(from, to) })),
  );
  return { hosts, pairs };
}

export function factsOf(count: number, more: Partial<VerifyFacts> = {}): VerifyFacts {
  const hosts = Array.from({ length: count }, (_, index) => ({
    host: `node${index + 1}`,
    address: `192.168.0.${index + 1}`,
  }));
  const network = { attachable: true, internal: false, ipv6: false };
  return { dataPathPort: 4789, encrypted: false, network, hosts, ...more };
}

export function reportOf(matrix: Matrix, more: Partial<VerificationReport> = {}): VerificationReport {
  return {
    schema: 'docker-overlay/verification@1',
    id: 'abcdef123456',
    startedAt: '2026-01-02T03:04:05.000Z',
    durationMs: 3120,
    outcome: 'finished',
    clusterId: 'cluster1',
    network: { id: 'net1', name: 'my_net', encrypted: true, subnets: ['10.0.1.0/24'] },
    hosts: matrix.hosts,
    pings: 3,
    pairs: matrix.pairs,
    summary: summarise(matrix.hosts.length, matrix.pairs),
    findings: [],
    cleanUp: { removed: matrix.hosts.length, left: [] },
    ...more,
  };
}

/** How a rule for the data path in the clear begins: behind what Docker itself drops of encrypted networks. */
export const dataPathRule = (port: number, program = 'iptables'): string =>
  `sudo ${program} -I INPUT "$(sudo ${program} -S INPUT | awk '/^-A/ {n++} /(--pol none .*--dport ${port} |--dport ${port} .*@0xc&0xffffff00=).*-j DROP/ {last = n} END {print last + 1}')"`;
