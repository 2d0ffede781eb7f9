import { OverlayError } from '../base/errors';

/**
 * Ids as engines make them: containers, images' hex part, execs and local networks 64 hex digits (or a prefix of at
 * least 12), swarm objects 25 base-36 digits. Nothing else may enter a request path: an id like
 * `../containers/json?all=1#` would address something else.
 */
const idPattern = /^[a-z0-9]{12,64}$/;
const swarmIdPattern = /^[a-z0-9]{25}$/;
/** `[registry[:port]/]path[:tag][@digest]`, or an image id. */
const imagePattern = /^[a-zA-Z0-9[][a-zA-Z0-9_.\-/:@[\]]{0,511}$/;

/** Whether a text is an id of a container or network. */
export const isId = (text: string): boolean => idPattern.test(text);

/** Whether a text is an id of a swarm object (node, cluster, swarm network). */
export const isSwarmId = (text: string): boolean => swarmIdPattern.test(text);

/** @throws invalidArguments unless it is an id of a container, exec or network. */
export function checkedId(text: string): string {
  if (!isId(text)) throw invalid(text, 'an id');
  return text;
}

/** @throws invalidArguments unless it is an id of a node. */
export function checkedNodeId(text: string): string {
  if (!isSwarmId(text)) throw invalid(text, 'the id of a node');
  return text;
}

/** @throws invalidArguments unless it has the form of an image reference; `..` and `//` would leave the path. */
export function checkedImage(text: string): string {
  if (!imagePattern.test(text) || text.includes('..') || text.includes('//')) throw invalid(text, 'an image');
  return text;
}

function invalid(text: string, what: string): OverlayError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new OverlayError('invalidArguments', { message: `"${shown}" is not ${what}` });
}
