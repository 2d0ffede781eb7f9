import { describeError } from '../../base/errors';
import type { DockerContext } from '../../hosts/contexts';
import { formatEndpoint, parseEndpoint } from '../../hosts/endpoint';
import type { SshAlias } from '../../hosts/sshAliases';
import type { HostConfig } from '../../model/host';

/** One line of the Add Hosts pick. */
export interface HostOffer {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  /** What will be written to the setting. */
  readonly endpoint: string;
  /** The name to take when it is free. */
  readonly name?: string;
}

/** What is offered before anything is typed, by heading; hosts that are configured already are left out. */
export interface HostOffers {
  readonly 'SSH config': readonly HostOffer[];
  readonly 'Docker contexts': readonly HostOffer[];
  readonly Other: readonly HostOffer[];
}

/** Puts together what was found in the SSH configuration and the context store. Pure. */
export function offersFrom(
  aliases: readonly SshAlias[],
  contexts: readonly DockerContext[],
  configured: readonly HostConfig[],
  localSocket: string | undefined,
): HostOffers {
  const taken = new Set(configured.map((host) => formatEndpoint(host.endpoint)));
  const fresh = (offers: readonly HostOffer[]) => offers.filter((offer) => !taken.has(canonical(offer.endpoint)));
  return {
    'SSH config': fresh(
      aliases.map(({ alias, description }) => ({
        label: alias,
        description,
        icon: 'terminal',
        endpoint: `ssh://${alias}`,
        name: alias,
      })),
    ),
    'Docker contexts': fresh(contexts.filter((context) => context.name !== 'default').flatMap(contextOffer)),
    Other: fresh(
      localSocket === undefined
        ? []
        : [{ label: 'This machine', description: localSocket, icon: 'vm', endpoint: localSocket, name: 'local' }],
    ),
  };
}

function contextOffer(context: DockerContext): HostOffer[] {
  if (context.target.kind !== 'usable') return [];
  const { endpoint, endpointText } = context.target;
  const how = endpoint.kind === 'tcp' && endpoint.tls ? `${endpointText} · TLS` : endpointText;
  const description = context.description ? `${how} · ${context.description}` : how;
  return [
    { label: context.name, description, icon: 'server', endpoint: `context://${context.name}`, name: context.name },
  ];
}

function canonical(endpoint: string): string {
  try {
    return formatEndpoint(parseEndpoint(endpoint));
  } catch {
    return endpoint;
  }
}

/** What typed text would add, or why it cannot be added; undefined for no text. */
export function typedOffer(text: string): { offer: HostOffer } | { problem: string } | undefined {
  const typed = text.trim();
  if (typed === '') return undefined;
  try {
    const endpoint = formatEndpoint(parseEndpoint(typed));
    return { offer: { label: `Add "${typed}"`, description: endpoint, icon: 'add', endpoint } };
  } catch (error) {
    return { problem: describeError(error).happened };
  }
}

/** Typed text that can be nothing but an address gets the focus; a bare word may be a search among the aliases. */
export const looksLikeAddress = (text: string): boolean => /[@:/]|\d+\.\d+/.test(text);
