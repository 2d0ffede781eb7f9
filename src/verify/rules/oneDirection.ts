import { cells, isDead, listOf, type Rule } from './view';

/** One direction of a pair is dead and the other one answers. Ping needs both ways: something on the way remembers connections. */
export const oneDirection: Rule = (view) => {
  const pairs = view.tried.filter(
    (pair) =>
      pair.verdict === 'dead' &&
      !view.cut.includes(pair.from) &&
      !view.cut.includes(pair.to) &&
      view.tried.some((other) => other.from === pair.to && other.to === pair.from) &&
      !isDead(view, pair.to, pair.from),
  );
  if (pairs.length === 0) return [];
  const targets = [...new Set(pairs.map((pair) => pair.to))];
  const shown = pairs.slice(0, 5).map((pair) => `${pair.from} → ${pair.to}`);
  return [
    {
      rule: 'one-direction',
      title: `${listOf(targets)}: answers only in one direction`,
      confidence: 'likely',
      evidence: [
        `Dead: ${listOf(shown)}${pairs.length > shown.length ? ` and ${pairs.length - shown.length} more` : ''}; the other direction of each answers.`,
        'A ping needs both ways, so packets do pass: a firewall that remembers connections lets answers in and drops what begins elsewhere.',
      ],
      pairs: cells(pairs),
      remedy: {
        text: `Let packets in at ${listOf(targets)} that begin at the other hosts, not only answers.`,
        commands: targets.map((host) => ({
          host,
          label: 'rules by state',
          command: 'sudo iptables -S | grep -i state',
        })),
      },
    },
  ];
};
