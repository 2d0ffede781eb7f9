import { cells, listOf, type Rule } from './view';

/** A name resolves, to an address that the engine did not give to that container. */
export const nameWrong: Rule = (view) => {
  const pairs = view.tried.filter((pair) => pair.name.outcome === 'resolved' && pair.name.right === false);
  if (pairs.length === 0) return [];
  const targets = [...new Set(pairs.map((pair) => pair.to))];
  const examples = pairs.slice(0, 3).map((pair) => {
    const assigned = view.hosts.find((host) => host.host === pair.to)?.address ?? 'unknown';
    return `On ${pair.from} the name of the container on ${pair.to} resolves to ${pair.name.address ?? 'nothing'}; its address is ${assigned}.`;
  });
  return [
    {
      rule: 'name-wrong',
      title: `${listOf(targets)}: the name leads to a wrong address`,
      confidence: 'certain',
      evidence: examples,
      pairs: cells(pairs),
      remedy: {
        text:
          'Another container of the swarm may carry the same name, or stale records are left of an earlier one. Look for the address among ' +
          'the endpoints of the network; if nothing owns it, restart Docker on the host that resolves wrongly.',
        commands: [...new Set(pairs.map((pair) => pair.from))].map((host) => ({
          host,
          label: 'containers of the network there',
          command: 'docker ps --format "{{.Names}} {{.Networks}}"',
        })),
      },
    },
  ];
};
