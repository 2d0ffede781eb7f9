import { describeError, OverlayError } from '../../../base/errors';
import { insecureWords } from '../../../connection/direct/insecureLink';
import type { DockerContext } from '../../../hosts/contexts';
import { formatEndpoint, parseEndpoint } from '../../../hosts/endpoint';
import type { SshAliases } from '../../../hosts/sshAliases';
import type { HostConfig } from '../../../model/host/host';
import { dots } from '../../../base/text/words';

/** One line of the Add Hosts pick. */
export interface HostOffer {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  /** What will be written to the setting. */
  readonly endpoint: string;
  /** The name to take when it is free. */
  readonly name?: string;
  /** Why it cannot be added. */
  readonly broken?: OverlayError;
}

/** What is offered before anything is typed, by heading; hosts that are configured already are left out. */
export interface HostOffers {
  readonly 'SSH config': readonly HostOffer[];
  readonly 'Docker contexts': readonly HostOffer[];
  readonly Other: readonly HostOffer[];
}

/** Puts together what was found in the SSH configuration and the context store, broken contexts last. Pure. */
export function offersFrom(
  { aliases, problems }: SshAliases,
  contexts: readonly DockerContext[],
  configured: readonly HostConfig[],
  localSocket: string | undefined,
): HostOffers {
  const taken = new Set(configured.map((host) => formatEndpoint(host.endpoint)));
  const fresh = (offers: readonly HostOffer[]) => offers.filter((offer) => !taken.has(canonical(offer.endpoint)));
  return {
    'SSH config': [
      ...fresh(
        aliases.map(({ alias, description }) => ({
          label: alias,
          description,
          icon: 'terminal',
          endpoint: `ssh://${alias}`,
          name: alias,
        })),
      ),
      ...(problems.length === 0 ? [] : [unreadOffer(problems)]),
    ],
    'Docker contexts': fresh(contexts.filter((context) => !isThisMachine(context, localSocket)).map(contextOffer)).sort(
      (a, b) => Number(a.broken !== undefined) - Number(b.broken !== undefined),
    ),
    Other: fresh(localSocket === undefined ? [] : [localOffer(localSocket, contexts)]),
  };
}

/** No host, but why some may be missing. */
function unreadOffer(problems: readonly string[]): HostOffer {
  const message = `not all of it could be read, so hosts may be missing in this list: ${problems.join('; ')}`;
  return {
    label: 'Not all of the SSH configuration could be read',
    description: problems.join('; '),
    icon: 'warning',
    endpoint: '',
    broken: new OverlayError('sshConfigInvalid', { host: 'Add Hosts', message }),
  };
}

/** The context "default" without DOCKER_HOST: it is offered as what it is. */
function isThisMachine({ name, target }: DockerContext, localSocket: string | undefined): boolean {
  return name === 'default' && target.kind === 'usable' && target.endpointText === localSocket;
}

function localOffer(endpoint: string, contexts: readonly DockerContext[]): HostOffer {
  const isCurrent = contexts.some((context) => context.current && isThisMachine(context, endpoint));
  const description = dots(endpoint, isCurrent && currentWords);
  return { label: 'This machine', description, icon: 'vm', endpoint, name: 'local' };
}

const currentWords = 'current context';

function contextOffer(context: DockerContext): HostOffer {
  const { name, target } = context;
  const common = { label: name, endpoint: `context://${name}`, name };
  const current = context.current && currentWords;
  if (target.kind === 'broken') {
    const { params } = target.error;
    const why = params.message ?? describeError(target.error).title;
    return { ...common, description: dots(`broken: ${why}`, current), icon: 'warning', broken: target.error };
  }
  const { endpoint, endpointText } = target;
  const insecure = endpoint.kind === 'tcp' ? insecureWords(endpoint) : undefined;
  const how = dots(endpointText, endpoint.kind === 'tcp' && endpoint.tls && 'TLS', insecure);
  return {
    ...common,
    description: dots(how, current, context.description),
    icon: insecure ? 'unlock' : 'server',
  };
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
