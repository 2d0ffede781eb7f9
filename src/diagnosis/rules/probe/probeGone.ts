import { onlyLooks } from '../../remedies/safety';
import { rule } from '../../rule';
import { pairsWith } from '../../analysis';
import { count, listAll } from '../../../base/text/words';

/** The test container of a host ended during the verification: what is missing says nothing about the network. */
export const probeGone = rule(onlyLooks, (analysis) => {
  const hosts = analysis.probesGone;
  const pairs = pairsWith(analysis.pairs, hosts).filter(({ verdict }) => verdict !== 'reachable');
  if (hosts.length === 0 || pairs.length === 0) return [];
  return {
    cause: 'probe-gone',
    title: `${listAll(hosts)}: the test container ended during the verification`,
    strength: 'measured',
    evidence: [
      `${hosts.length === 1 ? 'The test container' : 'The test containers'} on ${listAll(hosts)} ${hosts.length === 1 ? 'does' : 'do'} not run any more, and this extension did not stop ${hosts.length === 1 ? 'it' : 'them'}.`,
      `${count(pairs.length, 'pair')} from and to ${listAll(hosts)} ${pairs.length === 1 ? 'has' : 'have'} no result, or a wrong one.`,
    ],
    pairs,
    remedy: {
      text:
        `Check these pairs again. If it happens again, look on ${listAll(hosts)} who stops containers: a clean-up job, ` +
        'a restart of Docker, or a lack of memory.',
      commands: hosts.flatMap((host) => [
        { host, label: 'what ended containers', command: 'docker events --since 10m --until 0s --filter event=die' },
        { host, label: 'lack of memory', command: 'sudo dmesg | grep -i "out of memory"' },
      ]),
    },
  };
});
