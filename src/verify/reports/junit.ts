import type { Finding } from '../../model/report/finding';
import type { HostName } from '../../model/host/host';
import { verdictOf, type PairResult, type VerificationReport } from '../../model/report/matrix';
import { pairKey } from '../../model/report/pairIndex';
import { cellWords, pairFinder, seconds } from './words';

/**
 * The report as JUnit XML, for CI servers: one test case an ordered pair. A pair that is not reachable is a failure and
 * names its findings, one that could not be tried is skipped, and a verification that failed as a whole is an error.
 * In the form of Jenkins' `junit-10.xsd`; times are seconds.
 */
export function toJunit(report: VerificationReport): string {
  const cases = casesOf(report);
  const total = (kind: Case['kind']) => cases.filter((one) => one.kind === kind).length;
  const counts = {
    tests: cases.length,
    failures: total('failure'),
    errors: total('error'),
    skipped: total('skipped'),
    time: inSeconds(report.durationMs),
  };
  const suiteName = `overlay network ${report.network.name}`;
  const suite = attributes({
    name: suiteName,
    ...counts,
    // Without the fraction and the zone, as the schema has it; it is UTC.
    timestamp: report.startedAt.slice(0, 19),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'Docker Overlay Networks', ...counts })}>`,
    `  <testsuite${suite}>`,
    '    <properties>',
    ...properties(report).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...cases.flatMap((one) => caseLines(one, suiteName)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

interface Case {
  readonly name: string;
  readonly kind: 'passed' | 'failure' | 'error' | 'skipped';
  readonly timeMs: number;
  readonly message?: string;
  readonly text?: string;
}

function casesOf(report: VerificationReport): Case[] {
  const findings = findingsByPair(report.findings);
  const find = pairFinder(report.pairs);
  const hosts = report.hosts.map(({ host }) => host);
  const pairs = hosts.flatMap((from) =>
    hosts.flatMap((to) =>
      from === to ? [] : [pairCase(from, to, find(from, to), findings.get(pairKey({ from, to })))],
    ),
  );
  if (!report.error) return pairs;
  const { title, happened, remedy } = report.error;
  return [{ name: 'verification', kind: 'error', timeMs: 0, message: title, text: `${happened}\n${remedy}` }, ...pairs];
}

function pairCase(from: HostName, to: HostName, pair: PairResult | undefined, findings: readonly Finding[] = []): Case {
  const name = `${from} to ${to}`;
  const verdict = pair ? verdictOf(pair) : 'unknown';
  const timeMs = pair?.address.avgMs ?? 0;
  if (verdict === 'reachable') return { name, kind: 'passed', timeMs };
  if (verdict === 'unknown') return { name, kind: 'skipped', timeMs, message: pair?.problem ?? 'not tried' };
  const titles = findings.map((finding) => `${finding.title} (${finding.confidence})`);
  const text = findings.flatMap((finding, index) => [
    titles[index] ?? '',
    ...finding.evidence,
    finding.remedy.text,
    ...finding.remedy.commands.map(({ host, label, command }) => `${host} (${label}): ${command}`),
  ]);
  const seen = cellWords(pair);
  return { name, kind: 'failure', timeMs, message: [seen, ...titles].join('; '), text: text.join('\n') };
}

function caseLines({ name, kind, timeMs, message = '', text = '' }: Case, classname: string): string[] {
  const open = `    <testcase${attributes({ name, classname, time: inSeconds(timeMs) })}`;
  if (kind === 'passed') return [`${open}/>`];
  const inner =
    kind === 'skipped'
      ? `<skipped${attributes({ message })}/>`
      : `<${kind}${attributes({ message, type: kind === 'error' ? 'verification' : 'unreachable' })}>${escape(text)}</${kind}>`;
  return [`${open}>`, `      ${inner}`, '    </testcase>'];
}

function properties(report: VerificationReport): [string, string | number][] {
  const { network, hosts, findings, cleanUp } = report;
  return [
    ['run', report.id],
    ['outcome', report.outcome],
    ['duration', seconds(report.durationMs)],
    ['swarm', report.clusterId],
    ['network.id', network.id],
    ['network.name', network.name],
    ['network.encrypted', String(network.encrypted)],
    ['network.subnets', network.subnets.join(' ')],
    ['pings', report.pings],
    ['containers.removed', cleanUp.removed],
    ...hosts.map(({ host, engineVersion }): [string, string] => [`host.${host}`, engineVersion ?? '']),
    ...findings.map((finding, index): [string, string] => [`finding.${index + 1}`, finding.title]),
  ];
}

function findingsByPair(findings: readonly Finding[]): Map<string, Finding[]> {
  const byPair = new Map<string, Finding[]>();
  for (const finding of findings) {
    for (const pair of finding.pairs) {
      const key = pairKey(pair);
      byPair.set(key, [...(byPair.get(key) ?? []), finding]);
    }
  }
  return byPair;
}

/** "0.00021": never in the exponential form, which the schema does not allow. */
const inSeconds = (ms: number): string => (ms / 1000).toFixed(6);

function attributes(all: Readonly<Record<string, string | number>>): string {
  return Object.entries(all)
    .map(
      ([name, value]) => ` ${name}="${escape(String(value)).replace(/[\t\n\r]/g, (one) => `&#${one.charCodeAt(0)};`)}"`,
    )
    .join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Text from engines in XML 1.0: what it cannot hold at all, not even escaped (control characters, halves of surrogate
 * pairs, U+FFFE and U+FFFF), becomes U+FFFD.
 */
function escape(text: string): string {
  return text
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
