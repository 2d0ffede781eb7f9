import { count, number } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import { hasLoss, type Analysis, type PairWithVerdict } from '../../analysis';
import { onlyLooks } from '../../remedies/safety';
import { rule } from '../../rule';

/** Pairs that answer, yet not every time. */
export const loss = rule(onlyLooks, (analysis) => {
  const pairs = analysis.tried.filter((pair) => pair.verdict === 'lossy' && hasLoss(pair));
  if (pairs.length === 0) return [];
  const host = commonHost(analysis, pairs);
  const sent = pairs.reduce((sum, pair) => sum + pair.address.sent + pair.byName.sent, 0);
  const received = pairs.reduce((sum, pair) => sum + pair.address.received + pair.byName.received, 0);
  const share = sent > 0 ? Math.round(((sent - received) / sent) * 100) : 0;
  return {
    cause: 'loss',
    title: host ? `${host}: packets get lost` : 'Packets get lost',
    strength: 'measured',
    evidence: [
      `${count(pairs.length, 'pair')} answered ${number(received)} of ${count(sent, 'echo request')} (${share} % lost).`,
      host
        ? `All of them are from or to ${host}; the other pairs lose nothing.`
        : 'They share no single host: it is not one machine that loses packets.',
    ],
    pairs,
    remedy: {
      text:
        `Verify again with more pings to see whether it lasts. Then look at the load of ${host ?? 'the hosts'}, at errors and drops of ` +
        'the network interface, and at the line between the hosts.',
      commands: host ? [{ host, label: 'drops of the interfaces', command: 'ip -s link' }] : [],
    },
  };
});

/** The one host that all these pairs share; undefined with fewer than three hosts, where they always do. */
function commonHost(analysis: Analysis, pairs: readonly PairWithVerdict[]): HostName | undefined {
  if (analysis.present.length < 3) return undefined;
  const shared = analysis.present.filter((host) => pairs.every((pair) => pair.from === host || pair.to === host));
  return shared.length === 1 ? shared[0] : undefined;
}
