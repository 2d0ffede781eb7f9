import type { Finding } from '../model/report/finding';
import type { HostName } from '../model/host/host';
import { verdictOf, type PairResult, type VerificationReport } from '../model/report/matrix';
import type { TwinReport, TwinVerdict } from '../model/report/twin';
import { addressesOfPeers, type VerifyFacts } from './facts';
import { firewallCommands } from './remedies/firewall';
import { count, listAll } from '../base/text/words';
import { findingOf } from './explanation';
import { loadEsp } from './remedies/engine';
import { PairIndex } from '../model/report/pairIndex';

export type TwinConclusion = Pick<TwinReport, 'hosts' | 'pairs' | 'conclusion' | 'findings'>;

type TwinPair = TwinReport['pairs'][number];

/** Compares the two verifications. Pure. */
export function concludeTwin(
  names: readonly HostName[],
  plain: VerificationReport,
  encrypted: VerificationReport,
  facts: VerifyFacts,
): TwinConclusion {
  const pairs = pairsOf(names, plain, encrypted);
  const hosts = names.map((host) => ({ host, verdict: hostVerdict(host, pairs) }));
  const settled = hosts.map((one) => (one.verdict === 'mixed' ? withoutCulprits(one.host, hosts, pairs) : one));
  const having = (verdict: TwinVerdict) => settled.filter((one) => one.verdict === verdict).map(({ host }) => host);
  const kernels = kernelsWithoutEsp(encrypted);
  const sentences = [
    ...encryptionWords(having('encryption'), names, kernels),
    ...dataPathWords(having('dataPath'), names),
    ...oddWords(having('plainDead'), having('mixed')),
  ];
  const isAllFine = settled.every(({ verdict }) => verdict === 'fine');
  return {
    hosts: settled,
    pairs,
    conclusion: isAllFine
      ? `Encryption works between all ${names.length} hosts: both networks reach every pair.`
      : sentences.join(' ') || notKnownWords(having('cannotTell')),
    findings: [
      ...encryptionFindings(
        having('encryption').filter((host) => !kernels.includes(host)),
        pairs,
        facts,
        encrypted,
      ),
      ...plain.findings,
    ],
  };
}

function pairsOf(names: readonly HostName[], plain: VerificationReport, encrypted: VerificationReport): TwinPair[] {
  const [inPlain, inEncrypted] = [new PairIndex(plain.pairs), new PairIndex(encrypted.pairs)];
  return names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .map((to) => ({
        from,
        to,
        plain: answers(inPlain.get(from, to)),
        encrypted: answers(inEncrypted.get(from, to)),
      })),
  );
}

/** Names and loss are the same with and without encryption: only whether anything comes back counts here. */
function answers(pair: PairResult | undefined): boolean | undefined {
  const verdict = pair ? verdictOf(pair) : 'unknown';
  return verdict === 'unknown' ? undefined : verdict !== 'dead';
}

function pairVerdict({ plain, encrypted }: TwinPair): TwinVerdict {
  if (plain === undefined || encrypted === undefined) return 'cannotTell';
  if (plain) return encrypted ? 'fine' : 'encryption';
  return encrypted ? 'plainDead' : 'dataPath';
}

function hostVerdict(host: HostName, pairs: readonly TwinPair[]): TwinVerdict {
  const own = pairs.filter(({ from, to }) => from === host || to === host).map(pairVerdict);
  const known = [...new Set(own.filter((verdict) => verdict !== 'cannotTell'))];
  if (known.length === 0) return 'cannotTell';
  return known.length === 1 ? (known[0] as TwinVerdict) : 'mixed';
}

/** What is left of a host's trouble once the pairs with hosts that are bad as a whole are left out. */
function withoutCulprits(host: HostName, hosts: TwinReport['hosts'], pairs: readonly TwinPair[]) {
  const isCulprit = (name: HostName) =>
    hosts.some((one) => one.host === name && ['encryption', 'dataPath', 'plainDead'].includes(one.verdict));
  const rest = pairs.filter(({ from, to }) => !isCulprit(from) && !isCulprit(to));
  return { host, verdict: hostVerdict(host, rest) };
}

function encryptionWords(hosts: readonly HostName[], all: readonly HostName[], kernels: readonly HostName[]): string[] {
  const blind = hosts.filter((host) => kernels.includes(host));
  const others = hosts.filter((host) => !kernels.includes(host));
  const isAll = others.length === all.length;
  return [
    ...(blind.length > 0
      ? [`The kernel of ${listAll(blind)} cannot encrypt (no ESP): plain networks work, encrypted ones never will.`]
      : []),
    ...(others.length > 0
      ? [
          `${isAll ? 'Between the hosts' : `At ${listAll(others)}`}, ESP (IP protocol 50) is blocked or missing: without encryption packets come through, encrypted none do.`,
        ]
      : []),
  ];
}

function dataPathWords(hosts: readonly HostName[], all: readonly HostName[]): string[] {
  if (hosts.length === 0) return [];
  const where = hosts.length === all.length ? 'between the hosts' : `of ${listAll(hosts)}`;
  return [`The data path ${where} is blocked, with and without encryption.`];
}

function oddWords(plainDead: readonly HostName[], mixed: readonly HostName[]): string[] {
  return [
    ...(plainDead.length > 0
      ? [
          `${listAll(plainDead)}: encrypted packets come through and plain ones do not: the data path's UDP port is blocked there.`,
        ]
      : []),
    ...(mixed.length > 0 ? [`Between ${listAll(mixed)} it depends on the pair; see the table.`] : []),
  ];
}

function notKnownWords(hosts: readonly HostName[]): string {
  return `It could not be told: ${listAll(hosts)} could not be tried in both networks.`;
}

/** The rule names each host whose kernel says that it has no ESP in a command. */
function kernelsWithoutEsp({ findings }: VerificationReport): HostName[] {
  const finding = findings.find((one) => one.rule === 'kernel-without-esp');
  return [...new Set(finding?.remedy.commands.map(({ host }) => host))];
}

function encryptionFindings(
  hosts: readonly HostName[],
  pairs: readonly TwinPair[],
  facts: VerifyFacts,
  encrypted: VerificationReport,
): Finding[] {
  const kernel = encrypted.findings.filter((one) => one.rule === 'kernel-without-esp');
  if (hosts.length === 0) return kernel;
  const concerned = pairs.filter(
    (pair) => pairVerdict(pair) === 'encryption' && (hosts.includes(pair.from) || hosts.includes(pair.to)),
  );
  return [
    ...kernel,
    findingOf({
      cause: 'esp-blocked',
      title: `${listAll(hosts)}: ESP (IP protocol 50) is blocked or missing`,
      strength: 'measured',
      evidence: [
        `${count(concerned.length, 'pair')} from and to ${listAll(hosts)} answer without encryption and are dead with it.`,
        'The two networks were alike but for encryption, on the same hosts at the same time.',
      ],
      pairs: concerned,
      remedy: {
        text: `Let IP protocol 50 (ESP) in at ${listAll(hosts)} from all other hosts, in firewalls of clouds too, and check that the kernel there has ESP.`,
        commands: hosts.flatMap((host) => [
          ...firewallCommands(host, 'in', addressesOfPeers(facts, host), [{ protocol: 'esp' }]),
          loadEsp(host),
        ]),
      },
    }),
  ];
}
