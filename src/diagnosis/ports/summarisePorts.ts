import type { HostName } from '../../model/host/host';
import { trafficText, type PortCheck } from '../../model/network/underlay';
import { count, listAll } from '../../base/text/words';
import { isBlocked, judgePorts, type PortProblem } from './judgePorts';
import { problemTitle } from './portRemedies';

/** What a check came to, in words and figures. */
export interface PortSummary {
  readonly problems: readonly PortProblem[];
  readonly tried: number;
  readonly open: number;
  /** Ways of which nobody can tell: silence of UDP. */
  readonly unclear: readonly PortCheck[];
  /** One sentence. */
  readonly sentence: string;
}

/** @param checks of one run, or those of it that concern one host */
export function summarisePorts(checks: readonly PortCheck[]): PortSummary {
  const triedOnes = checks.filter(({ outcome }) => outcome !== 'notTried');
  const problems = judgePorts(checks);
  const unclear = triedOnes.filter((check) => check.outcome === 'noAnswer' && !isBlocked(check));
  const open = triedOnes.filter(({ outcome }) => outcome === 'open').length;
  const hosts = [...new Set(checks.flatMap(({ from, to }) => [from, to]))];
  const parts = { problems, tried: triedOnes.length, open, unclear };
  return { ...parts, sentence: sentenceOf(parts, checks, hosts) };
}

function sentenceOf(
  { problems, tried, unclear }: Omit<PortSummary, 'sentence'>,
  checks: readonly PortCheck[],
  hosts: readonly HostName[],
): string {
  const [first, ...others] = problems;
  if (first) {
    const more = others.length > 0 ? `, and ${count(others.length, 'more problem')}` : '';
    return `${problemTitle(first)}${more}.`;
  }
  if (tried === 0) return `The ports could not be tried: ${checks[0]?.message ?? 'there are no two hosts to try.'}`;
  const failed = hosts.filter((host) => isNeverSender(host, checks));
  const without = failed.length > 0 ? ` ${listAll(failed)} could not take part.` : '';
  if (unclear.length > 0) {
    const what = listAll([...new Set(unclear.map(({ traffic }) => trafficText(traffic)))]);
    return `Nothing is blocked between ${count(hosts.length, 'host')} as far as can be seen; of ${what} nobody can tell.${without}`;
  }
  return `Every port that was tried between ${count(hosts.length, 'host')} is open.${without}`;
}

/** All that it was to send could not be tried. */
function isNeverSender(host: HostName, checks: readonly PortCheck[]): boolean {
  const own = checks.filter(({ from, traffic }) => from === host && traffic.protocol !== 'esp');
  return own.length > 0 && own.every(({ outcome }) => outcome === 'notTried');
}
