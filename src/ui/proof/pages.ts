import type { Finding } from '../../model/finding';
import type { PairProof, ProofReport, ProofVerdict } from '../../model/proof';
import type { TwinReport, TwinVerdict } from '../../model/twin';
import { oneLine } from '../../verify/reports/words';

/*
 * Results as Markdown pages: the conclusion first, then the table, then what to do. What comes from engines is escaped.
 */

const proofWords: Readonly<Record<ProofVerdict, string>> = {
  encrypted: '🔒 encrypted',
  plaintext: '👁 in the clear',
  dead: '✗ dead',
  cannotTell: '? not known',
};

const twinWords: Readonly<Record<TwinVerdict, string>> = {
  fine: '✓ both work',
  encryption: '✗ only without encryption',
  dataPath: '✗ neither works',
  plainDead: '✗ only with encryption',
  mixed: '~ it depends on the pair',
  cannotTell: '? not known',
};

export function proofPage(report: ProofReport): string {
  const { network, pairs, hosts, findings } = report;
  const isWatched = (host: string) => hosts.find((one) => one.host === host)?.by !== undefined;
  const problems = hosts.flatMap(({ host, problem }) => (problem === undefined ? [] : [`${host}: ${problem}`]));
  return [
    `# ${escape(network.name)}: is it encrypted?`,
    '',
    `**${escape(report.conclusion)}**`,
    '',
    [
      network.encrypted ? 'set to encrypt' : 'not set to encrypt',
      `${hosts.length} hosts`,
      when(report),
      cleanUp(report.cleanUp),
    ].join(' · '),
    '',
    ...errorOf(report.error),
    ...(pairs.length > 0
      ? [
          ...table(
            [
              'from → to',
              'verdict',
              'ESP sent / arrived',
              'in the clear sent / arrived',
              'pings',
              'keys',
              'key age',
              'why',
            ],
            pairs.map((pair) => [
              `${pair.from} → ${pair.to}`,
              proofWords[pair.verdict],
              ends(pair, 'esp', isWatched),
              ends(pair, 'plaintext', isWatched),
              `${pair.pings.answered} of ${pair.pings.sent}`,
              keys(pair),
              age(pair.keyAgeSeconds),
              pair.reason ?? '',
            ]),
          ),
          '',
          'Packets were counted on the network between the hosts: as they left the one, and as they reached the other.',
          'ESP counts the echo requests of the pair; in the clear counts every packet of this network. Docker changes keys every 12 h.',
          '',
        ]
      : []),
    ...(problems.length > 0 ? ['## Could not be looked at', '', ...problems.map((one) => `- ${escape(one)}`), ''] : []),
    ...(findings ?? []).flatMap(finding),
  ].join('\n');
}

export function twinPage(report: TwinReport): string {
  return [
    '# With and without encryption',
    '',
    `**${escape(report.conclusion)}**`,
    '',
    [`${report.hosts.length} hosts`, when(report), cleanUp(report.cleanUp)].join(' · '),
    '',
    ...errorOf(report.error),
    ...(report.pairs.length > 0
      ? [
          ...table(
            ['host', 'verdict'],
            report.hosts.map(({ host, verdict }) => [host, twinWords[verdict]]),
          ),
          '',
          ...table(
            ['from → to', 'plain network', 'encrypted network'],
            report.pairs.map(({ from, to, plain, encrypted }) => [
              `${from} → ${to}`,
              answerWords(plain),
              answerWords(encrypted),
            ]),
          ),
          '',
          'Two temporary networks on the same hosts, alike but for encryption, were checked side by side.',
          '',
        ]
      : []),
    ...report.findings.flatMap(finding),
  ].join('\n');
}

const answerWords = (answers: boolean | undefined): string =>
  answers === undefined ? '? not tried' : answers ? '✓ answers' : '✗ dead';

function ends(pair: PairProof, what: 'esp' | 'plaintext', isWatched: (host: string) => boolean): string {
  const { sent, arrived } = pair[what];
  return `${isWatched(pair.from) ? sent : '?'} / ${isWatched(pair.to) ? arrived : '?'}`;
}

/** Whether each end has a key for this way. */
function keys({ associations }: PairProof): string {
  const word = (has: boolean | undefined) => (has === undefined ? '?' : has ? '✓' : 'none');
  if (associations?.outbound === false && associations.inbound === false) return 'none';
  return `${word(associations?.outbound)} / ${word(associations?.inbound)}`;
}

/** "42 s", "17 min", "3 h 20 min" */
function age(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const when = ({ startedAt, durationMs }: { startedAt: string; durationMs: number }): string =>
  `${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${(durationMs / 1000).toFixed(1)} s`;

const cleanUp = ({ left }: { left: readonly string[] }): string =>
  left.length === 0 ? 'everything removed again' : `left over: ${left.map(escape).join(', ')}`;

function errorOf(error: ProofReport['error']): string[] {
  return error ? [`**${escape(error.title)}.** ${escape(`${error.happened} ${error.remedy}`)}`, ''] : [];
}

function finding(one: Finding): string[] {
  return [
    `## ${escape(one.title)}`,
    '',
    ...one.evidence.map((sentence) => `- ${escape(sentence)}`),
    '',
    escape(one.remedy.text),
    '',
    ...one.remedy.commands.flatMap(({ host, label, command }) => [
      `On ${escape(host)} (${escape(label)}):`,
      '',
      `    ${oneLine(command)}`,
      '',
    ]),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(escape).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)];
}

function escape(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`);
}
