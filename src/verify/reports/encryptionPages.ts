import { escapeMarkdown } from '../../base/text/escapeMarkdown';
import type { PairProof, ProofReport, ProofVerdict } from '../../model/report/proof';
import type { TwinReport, TwinVerdict } from '../../model/report/twin';
import type { ReportHead } from '../../model/report/reportHead';
import { errorParagraph, findingSection, list, table } from './markdownParts';
import { seconds } from './words';

/*
 * Results as Markdown pages: the conclusion first, then the table, then what to do. What comes from engines is escaped in `markdownParts`.
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
  const bySsh = hosts.filter((one) => one.by === 'ssh').map(({ host }) => host);
  const problems = hosts.flatMap(({ host, problem }) => (problem === undefined ? [] : [`${host}: ${problem}`]));
  return [
    ...head(`${network.name}: is it encrypted?`, report, network.encrypted ? 'set to encrypt' : 'not set to encrypt'),
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
          ...(bySsh.length > 0
            ? [`On ${bySsh.map(escapeMarkdown).join(', ')} they were counted over SSH, by tcpdump of the host itself.`]
            : []),
          '',
        ]
      : []),
    ...(problems.length > 0 ? ['## Could not be looked at', '', ...list(problems), ''] : []),
    ...(findings ?? []).flatMap((finding) => findingSection(finding)),
  ].join('\n');
}

export function twinPage(report: TwinReport): string {
  return [
    ...head('With and without encryption', report),
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
    ...report.findings.flatMap((finding) => findingSection(finding)),
  ].join('\n');
}

function head(title: string, report: ProofReport | TwinReport, ...facts: readonly string[]): string[] {
  return [
    `# ${escapeMarkdown(title)}`,
    '',
    `**${escapeMarkdown(report.conclusion)}**`,
    '',
    [...facts, `${report.hosts.length} hosts`, runDetails(report)].join(' · '),
    '',
    ...errorParagraph(report),
  ];
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

/** "2026-01-02 03:04 UTC, 3.1 s · everything removed again" */
function runDetails({ startedAt, durationMs, cleanUp }: ReportHead): string {
  const { left } = cleanUp;
  const end = left.length === 0 ? 'everything removed again' : `left over: ${left.map(escapeMarkdown).join(', ')}`;
  return `${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${seconds(durationMs)} · ${end}`;
}
