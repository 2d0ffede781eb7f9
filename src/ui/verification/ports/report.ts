import { escapeMarkdown } from '../../../base/text/escapeMarkdown';
import { trafficText, type PortCheck, type Traffic } from '../../../model/network/underlay';
import { PairIndex } from '../../../model/report/pairIndex';
import { portRemedies, problemAdvice, problemTitle } from '../../../diagnosis/ports/portRemedies';
import type { PortProblem } from '../../../diagnosis/ports/judgePorts';
import type { PortReport } from '../../../verify/ports/request';
import { summarisePorts } from '../../../diagnosis/ports/summarisePorts';
import { count, duration, list, number } from '../../../base/text/words';

const purposes: Readonly<Record<number, string>> = {
  2377: 'joining and managing the swarm',
  7946: 'gossip between the nodes: names and places of containers',
};

/**
 * A check of ports as a page to read: the conclusion first, then what is wrong with the commands that mend it, then one
 * matrix a traffic. Texts from engines are escaped.
 */
export function portReport(title: string, report: PortReport, leftOut: readonly string[] = []): string {
  const { problems, tried, open, sentence } = summarisePorts(report.checks);
  const hosts = [...new Set(report.checks.flatMap(({ from, to }) => [from, to]))];
  return [
    `# Port check: ${escapeMarkdown(title)}`,
    '',
    `**${escapeMarkdown(sentence)}**`,
    '',
    escapeMarkdown(
      `${count(hosts.length, 'host')} · ${number(open)} of ${count(tried, 'way')} open · ${timeText(report.at)}`,
    ),
    '',
    ...(leftOut.length > 0 ? [escapeMarkdown(leftOutWords(leftOut)), ''] : []),
    ...problems.flatMap((problem) => problemPart(problem, report)),
    ...trafficKinds(report.checks).flatMap((traffic) => matrix(traffic, report.checks, hosts)),
    ...notes(report.checks),
    ...explanation(report.checks),
  ].join('\n');
}

/** "Not connected, so not tried: node3." */
export const leftOutWords = (hosts: readonly string[]): string => `Not connected, so not tried: ${list(hosts)}.`;

const timeText = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ') + ' UTC';

function problemPart(problem: PortProblem, { addresses }: PortReport): string[] {
  const commands = portRemedies(problem, addresses);
  return [
    `## ${escapeMarkdown(problemTitle(problem))}`,
    '',
    escapeMarkdown(problemAdvice(problem)),
    '',
    ...commands.flatMap(({ host, label, command }) => [
      `On ${escapeMarkdown(host)} (${escapeMarkdown(label)}):`,
      '',
      '```sh',
      command.replace(/[\r\n`]+/g, ' '),
      '```',
      '',
    ]),
  ];
}

function trafficKinds(checks: readonly PortCheck[]): Traffic[] {
  return [...new Map(checks.map(({ traffic }) => [trafficText(traffic), traffic])).values()].filter((traffic) =>
    checks.some((check) => trafficText(check.traffic) === trafficText(traffic) && check.outcome !== 'notTried'),
  );
}

function matrix(traffic: Traffic, checks: readonly PortCheck[], hosts: readonly string[]): string[] {
  const name = trafficText(traffic);
  const own = new PairIndex(checks.filter((check) => trafficText(check.traffic) === name));
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const targets = hosts.filter((host) => own.of(host).some(({ to }) => to === host));
  return [
    `## ${escapeMarkdown(`${name} · ${purposeOf(traffic)}`)}`,
    '',
    row(['from ↓ to →', ...targets.map(escapeMarkdown)]),
    row(['---', ...targets.map(() => '---')]),
    ...hosts
      .filter((host) => own.of(host).some(({ from }) => from === host))
      .map((from) => row([escapeMarkdown(from), ...targets.map((to) => cellText(own.get(from, to)))])),
    '',
  ];
}

function purposeOf(traffic: Traffic): string {
  if (traffic.protocol === 'esp') return 'data of encrypted networks';
  return purposes[traffic.port] ?? 'data of overlay networks';
}

function cellText(check: PortCheck | undefined): string {
  if (!check) return '·';
  const { outcome, stoppedAt, ms } = check;
  if (stoppedAt === 'from') return '**✗ not let out**';
  if (stoppedAt === 'to') return outcome === 'refused' ? '**✗ rejected**' : '**✗ not let in**';
  switch (outcome) {
    case 'open':
      return ms === undefined ? '✓ open' : `✓ open, ${escapeMarkdown(duration(ms))}`;
    case 'refused':
      return check.listens ? '**✗ refused**' : 'refused';
    case 'noAnswer':
      return check.traffic.protocol === 'tcp' ? '**✗ no answer**' : 'no answer';
    case 'notTried':
      return 'not tried';
  }
}

/** What is said of single ways, each sentence once. */
function notes(checks: readonly PortCheck[]): string[] {
  const bySentence = new Map<string, string[]>();
  for (const { from, to, traffic, outcome, message } of checks) {
    if (message === undefined || outcome === 'open') continue;
    bySentence.set(message, [...(bySentence.get(message) ?? []), `${from} → ${to} ${trafficText(traffic)}`]);
  }
  if (bySentence.size === 0) return [];
  const lines = [...bySentence].map(([message, ways]) => {
    const shown = ways.length > 3 ? [...ways.slice(0, 3), `${ways.length - 3} more`] : ways;
    return `- ${escapeMarkdown(message)} ${escapeMarkdown(`(${shown.join(', ')})`)}`;
  });
  return ['## Notes', '', ...lines, ''];
}

function explanation(checks: readonly PortCheck[]): string[] {
  if (!checks.some(({ traffic }) => traffic.protocol === 'udp')) return [];
  const sentences = [
    'Nobody answers a UDP datagram that he cannot read, so silence alone says nothing. "Open" and "not let in" come from the connection tracking of the hosts, which lists a datagram once it has passed the whole firewall.',
    '"No answer" means that this list could not be read on the receiving host: then the port may be open or not, and verifying a network tells.',
    '"Open" on a host that is in no swarm yet means that it is let in; something listens there once it has joined.',
  ];
  return ['## What it means', '', ...sentences.map((sentence) => `- ${escapeMarkdown(sentence)}`), ''];
}
