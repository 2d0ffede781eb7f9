import type { HostName } from '../../../model/host/host';
import { trafficText, type PortCheck } from '../../../model/network/underlay';
import type { PortProblem } from '../../../diagnosis/ports/judgePorts';
import { problemAdvice, problemTitle } from '../../../diagnosis/ports/portRemedies';
import type { PortSummary } from '../../../diagnosis/ports/summarisePorts';
import { tooltip } from '../../tree/tooltip';
import type { TreeNode } from '../../tree/treeNode';
import { ago, count, dots } from '../../../base/text/words';

/** What is remembered of a host's last check of ports. */
export interface LastPortCheck {
  /** Epoch ms. */
  readonly at: number;
  /** Those to and from this host. */
  readonly checks: readonly PortCheck[];
  readonly summary: PortSummary;
}

/** The item below a host that shows its last check of ports. @param now epoch ms */
export function portNode(host: HostName, last: LastPortCheck, now: number): TreeNode {
  const { problems, tried, unclear } = last.summary;
  const words = found(host, last);
  const isGood = problems.length === 0 && tried > 0;
  const icon = problems.length > 0 || tried === 0 ? 'warning' : unclear.length > 0 ? 'question' : 'pass';
  const description = dots(words, ago(last.at, now));
  return {
    id: `host/${host}/ports`,
    label: 'Port check',
    description,
    icon: { id: icon, color: isGood ? 'testing.iconPassed' : 'list.warningForeground' },
    tooltip: tooltip('Port check', [], [last.summary.sentence, ...problems.map(sentenceOf)]),
    contextValue: 'portCheck',
    accessibleLabel: `Port check of ${host}, ${description}`,
    // Checking again works on the host.
    target: { kind: 'host', host },
    children: [],
  };
}

const sentenceOf = (problem: PortProblem): string => `${problemTitle(problem)}. ${problemAdvice(problem)}`;

/** "7946/udp: not let in from 2 hosts", "all open". */
function found(host: HostName, { summary, checks }: LastPortCheck): string {
  const { problems, tried, unclear } = summary;
  const [first, ...others] = [...problems].sort((a, b) => Number(b.host === host) - Number(a.host === host));
  if (first) return dots(problemWords(host, first), others.length > 0 && count(others.length, 'more problem'));
  if (tried === 0) return 'could not be tried';
  const notTried = checks.filter(({ outcome, traffic }) => outcome === 'notTried' && traffic.protocol !== 'esp').length;
  const rest = notTried > 0 && `${notTried} not tried`;
  return unclear.length > 0 ? dots(`${unclear.length} without answer`, rest) : dots('all open', rest);
}

function problemWords(host: HostName, problem: PortProblem): string {
  const { kind, peers } = problem;
  if (kind === 'unreachable') return problem.host === host ? 'cannot be reached' : `${problem.host} cannot be reached`;
  const what = problem.traffic.map(trafficText).join(', ');
  const where = problem.host === host ? '' : ` at ${problem.host}`;
  const others = problem.host === host ? count(peers.length, 'host') : '';
  switch (kind) {
    case 'inbound':
      return `${what}: not let in${where}${others && ` from ${others}`}`;
    case 'outbound':
      return `${what}: not let out${where}${others && ` to ${others}`}`;
    case 'between':
      return `${what}: no answer from ${problem.host === host ? others : problem.host}`;
    case 'refusing':
      return `${what}: refused${where}`;
    case 'notListening':
      return `${what}: nothing listens${where}`;
  }
}
