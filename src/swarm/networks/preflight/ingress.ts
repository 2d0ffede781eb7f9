import { OverlayError } from '../../../base/errors';
import { obstacle, type NetworkFinding, type PreflightContext } from './finding';

/** What to know before the swarm's routing mesh is replaced. Which services publish ports only Docker knows. */
export function ingressFindings({ cluster, request }: PreflightContext): NetworkFinding[] {
  if (!request.ingress) return [];
  const refusal = request.attachable
    ? [obstacle('ingress', new OverlayError('ingressNotAttachable', { name: request.name }))]
    : [];
  const old = cluster.networks.find(({ network }) => network.ingress)?.network.name;
  if (old === undefined) return refusal;
  return [
    ...refusal,
    {
      severity: 'warning',
      about: 'ingress',
      text: `The routing mesh ${old} is removed before ${request.name} is created: published ports do not answer meanwhile.`,
      remedy: 'Remove services that publish ports first; Docker refuses to remove it while there are any.',
    },
  ];
}
