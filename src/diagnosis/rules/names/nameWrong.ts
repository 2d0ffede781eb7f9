import { restartsEngine, restartStops } from '../../remedies/safety';
import { rule } from '../../rule';
import type { Analysis, SeenPair } from '../../analysis';
import { listAll } from '../../../base/text/words';

/** A name resolves, to an address that the engine did not give to that container. */
export const nameWrong = rule(restartsEngine, (analysis) => {
  const pairs = analysis.tried.filter((pair) => pair.name.outcome === 'resolved' && pair.name.right === false);
  if (pairs.length === 0) return [];
  const targets = [...new Set(pairs.map((pair) => pair.to))];
  const examples = pairs.slice(0, 3).map((pair) => {
    const assigned = analysis.hosts.find((host) => host.host === pair.to)?.address ?? 'unknown';
    return `On ${pair.from} the name of the container on ${pair.to} resolves to ${pair.name.address ?? 'nothing'}; its address is ${assigned}.`;
  });
  const namesakes = namesakesOf(analysis, pairs);
  return {
    cause: namesakes.length > 0 ? 'duplicate-name' : 'name-wrong',
    title:
      namesakes.length > 0
        ? `${listAll(targets)}: another container has the same name`
        : `${listAll(targets)}: the name leads to a wrong address`,
    strength: 'measured',
    evidence: [...examples, ...namesakes],
    pairs,
    remedy: {
      text:
        'Another container of the swarm may carry the same name, or stale records are left of an earlier one. Look for the address among ' +
        `the endpoints of the network; if nothing owns it, and only then, restart Docker on the host that resolves wrongly: ${restartStops}.`,
      commands: [...new Set(pairs.map((pair) => pair.from))].map((host) => ({
        host,
        label: 'containers of the network there',
        command: 'docker ps --format "{{.Names}} {{.Networks}}"',
      })),
    },
  };
});

/** Who owns the wrong addresses, when that is a container of the same name. */
function namesakesOf(analysis: Analysis, pairs: readonly SeenPair[]): string[] {
  const names = new Map(analysis.hosts.map((row) => [row.host, row.containerName]));
  const owners = new Map(
    (analysis.facts.endpoints ?? []).flatMap((one) => one.addresses.map((address) => [address, one] as const)),
  );
  const sentences = pairs.flatMap(({ to, name: { address = '' } }) => {
    const owner = owners.get(address);
    return owner?.name === names.get(to) && owner
      ? [`${address} belongs to a container of the same name on ${owner.host}.`]
      : [];
  });
  return [...new Set(sentences)];
}
