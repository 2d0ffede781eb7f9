import { isOverlayError, OverlayError } from '../../base/errors';
import type { HostName } from '../../model/host/host';
import type { Topology } from '../../model/swarm/topology';
import type { Plan, PlanStep } from '../../swarm/plans/plan';
import type { EngineOf } from '../../swarm/askManager';
import { probeLimits } from '../limits';
import { removeContainers } from '../reaper';
import { bounded } from '../bounded';
import { isTestContainer } from './names';

interface ContainerOnHost {
  readonly host: HostName;
  readonly containerId: string;
}

/**
 * Removes test containers by id, and nothing else: each is looked at once more right before, and one without the label
 * is left alone.
 *
 * @throws invalidArguments, notTestContainer: then nothing has been touched.
 */
export function planRemoveTestContainers(
  topology: Topology,
  engineOf: EngineOf,
  containers: readonly ContainerOnHost[],
): Plan {
  if (containers.length === 0) throw new OverlayError('invalidArguments', { message: 'no test containers given' });
  const unique = new Map(containers.map((one) => [`${one.host}/${one.containerId}`, one]));
  const steps = [...unique.values()].map((one) => removeStep(topology, engineOf, one));
  return {
    title: steps.length === 1 ? (steps[0]?.title ?? '') : `Remove ${steps.length} test containers`,
    steps,
    effects: [
      ...steps.map(({ words }) => words),
      'What runs in them ends, shells too. Other containers and all networks stay',
    ],
    warnings: [],
  };
}

function removeStep(
  topology: Topology,
  engineOf: EngineOf,
  { host, containerId }: ContainerOnHost,
): PlanStep & { readonly words: string } {
  const view = topology.hosts.find((one) => one.config.name === host);
  if (!view) throw new OverlayError('invalidArguments', { message: `there is no host ${host}` });
  const known =
    view.state.kind === 'ready' ? view.state.snapshot.containers.find((one) => one.id === containerId) : undefined;
  if (known && !isTestContainer(known)) throw new OverlayError('notTestContainer', { host, name: known.name });
  const name = known?.name ?? containerId.slice(0, 12);
  const places = known?.networks.map((place) => [place.name, place.ipv4].filter(Boolean).join(' ')).join(', ');
  return {
    id: `remove:${host}:${containerId}`,
    host,
    title: `Remove ${name} on ${host}`,
    words: `${name} on ${host}${places ? ` (${places})` : ''}`,
    after: [],
    async run({ signal }) {
      const { containers } = engineOf(host);
      return bounded({ host, what: `remove ${name}`, ms: probeLimits.removal, signal }, async (options) => {
        try {
          const details = await containers.inspect(containerId, options);
          if (!isTestContainer(details)) throw new OverlayError('notTestContainer', { host, name: details.name });
          await removeContainers(engineOf(host), [details], options);
          return 'done';
        } catch (error) {
          if (isOverlayError(error, 'notFound')) return 'alreadyDone';
          throw error;
        }
      });
    },
  };
}
