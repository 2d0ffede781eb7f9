import type { Finding } from '../../../src/model/report/finding';
import { summarise, type PairResult, type ProbeHost, type VerificationReport } from '../../../src/model/report/matrix';
import type { PanelHeader, PanelState } from '../../../src/webview/protocol';

/** Verdicts that {@link pairOf} makes. */
export type SampleKind = 'reachable' | 'lossy' | 'nameOnly' | 'dead' | 'unknown';

export const sampleHeader: PanelHeader = {
  clusterId: 'cluster1',
  clusterName: 'prod-eu',
  networkId: 'k3x9v2m7q1w8z5n4b6c0d2f7g',
  networkName: 'my_net',
  encrypted: true,
  subnets: ['10.0.1.0/24'],
  pings: 3,
};

export const hostsOf = (size: number, nameOf = (index: number) => `node${index + 1}`): ProbeHost[] =>
  Array.from({ length: size }, (_, index) => ({
    host: nameOf(index),
    address: `10.0.${1 + Math.floor(index / 250)}.${2 + (index % 250)}`,
  }));

/** The results of one pair, as a verification reports them. */
export function pairOf(from: ProbeHost, to: ProbeHost, kind: SampleKind = 'reachable', averageMs = 0.21): PairResult {
  const times = { minMs: averageMs * 0.8, avgMs: averageMs, maxMs: averageMs * 1.4 };
  const answered = { outcome: 'answered', sent: 3, received: 3, ...times } as const;
  const silent = { outcome: 'silent', sent: 3, received: 0 } as const;
  const untried = { outcome: 'notTried', sent: 0, received: 0 } as const;
  const name = { outcome: 'resolved', address: to.address, right: true } as const;
  const ends = { from: from.host, to: to.host };
  switch (kind) {
    case 'reachable':
      return { ...ends, name, address: answered, byName: answered };
    case 'lossy':
      return { ...ends, name, address: { ...answered, outcome: 'partial', received: 2 }, byName: answered };
    case 'nameOnly':
      return { ...ends, name: { outcome: 'unknown' }, address: answered, byName: untried };
    case 'dead':
      return { ...ends, name, address: silent, byName: silent };
    case 'unknown':
      return {
        ...ends,
        name: { outcome: 'notTried' },
        address: untried,
        byName: untried,
        problem: 'The test container ended early',
      };
  }
}

/** All ordered pairs; `kindAt` gives the verdict by row and column. */
export function pairsOf(
  hosts: readonly ProbeHost[],
  kindAt: (row: number, column: number) => SampleKind = () => 'reachable',
): PairResult[] {
  return hosts.flatMap((from, row) =>
    hosts.flatMap((to, column) =>
      row === column ? [] : [pairOf(from, to, kindAt(row, column), 0.15 + ((row * 7 + column * 13) % 40) / 25)],
    ),
  );
}

/** One host's data path blocked: every pair from and to it is dead. */
export function blockedFinding(hosts: readonly ProbeHost[], blocked: number): Finding {
  const name = hosts[blocked]?.host ?? '';
  return {
    rule: 'data-path-blocked',
    title: `${name}: the data path is blocked`,
    confidence: 'certain',
    evidence: [
      `${2 * (hosts.length - 1)} pairs from and to ${name} lose all packets.`,
      'Names resolve and gossip is fine; 7946 answers, 4789/udp does not.',
    ],
    pairs: hosts.flatMap(({ host }) =>
      host === name
        ? []
        : [
            { from: name, to: host },
            { from: host, to: name },
          ],
    ),
    remedy: {
      text: `Open 4789/udp on ${name} for the other hosts.`,
      commands: [
        {
          host: name,
          label: 'with firewalld',
          command: `sudo firewall-cmd --add-rich-rule="rule family='ipv4' source address='10.0.0.1' port port='4789' protocol='udp' accept"`,
        },
        { host: name, label: 'with ufw', command: 'sudo ufw prepend allow proto udp from 10.0.0.1 to any port 4789' },
      ],
    },
  };
}

/** A report of these pairs. */
export function reportOf(
  hosts: readonly ProbeHost[],
  pairs: readonly PairResult[],
  more: Partial<VerificationReport> = {},
): VerificationReport {
  return {
    schema: 'docker-overlay/verification@1',
    id: 'run1',
    startedAt: '2025-01-01T12:00:00.000Z',
    durationMs: 3_140,
    outcome: 'finished',
    clusterId: sampleHeader.clusterId,
    network: { id: sampleHeader.networkId, name: sampleHeader.networkName, encrypted: true, subnets: ['10.0.1.0/24'] },
    hosts,
    pings: 3,
    pairs,
    summary: summarise(hosts.length, pairs),
    findings: [],
    cleanUp: { removed: hosts.length, left: [] },
    ...more,
  };
}

/** A finished panel showing a report. */
export function doneState(report: VerificationReport): PanelState {
  return { header: sampleHeader, phase: 'done', stage: '', hosts: report.hosts, pairs: [], running: [], report };
}

/** A finished panel whose hosts stand in zones, by turns. */
export function zonedState(report: VerificationReport, zones: readonly string[]): PanelState {
  const places = report.hosts.map(({ host }, index) => ({ host, zone: zones[index % zones.length] ?? '' }));
  return { ...doneState(report), header: { ...sampleHeader, places } };
}

/** Three hosts of which the second is cut off. */
export function mixedReport(): VerificationReport {
  const hosts = hostsOf(3);
  const pairs = pairsOf(hosts, (row, column) => (row === 1 || column === 1 ? 'dead' : 'reachable'));
  return reportOf(hosts, pairs, { findings: [blockedFinding(hosts, 1)] });
}
