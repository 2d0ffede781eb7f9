import { describeError } from '../../../base/errors';
import type { HostProblem } from '../../../model/host/host';
import type { HostView, Topology } from '../../../model/swarm/topology';

/** Words with a meaning of their own in the text of a filter. */
export const filterTokens = { problems: '@problems', connected: '@connected' } as const;

/** Which hosts the Hosts view shows. */
export interface HostFilter {
  /** As typed, tidied. */
  readonly text: string;
  /** All of them must be found in what is known about a host; lower case. */
  readonly words: readonly string[];
  readonly onlyProblems: boolean;
  readonly onlyConnected: boolean;
}

/** Reads the text of a filter; undefined when it lets everything through. */
export function parseFilter(typed: string): HostFilter | undefined {
  const parts = typed.trim().split(/\s+/).filter(Boolean);
  if (parts.length === 0) return undefined;
  const tokens: readonly string[] = Object.values(filterTokens);
  const lower = parts.map((part) => part.toLowerCase());
  return {
    text: parts.join(' '),
    words: lower.filter((part) => !tokens.includes(part)),
    onlyProblems: lower.includes(filterTokens.problems),
    onlyConnected: lower.includes(filterTokens.connected),
  };
}

/** The text with a token added, or taken away where it is there. */
export function toggleToken(text: string, token: string): string {
  const parts = text.trim().split(/\s+/).filter(Boolean);
  const others = parts.filter((part) => part.toLowerCase() !== token);
  return [...others, ...(others.length === parts.length ? [token] : [])].join(' ');
}

export function matchesHost(host: HostView, filter: HostFilter): boolean {
  if (filter.onlyConnected && host.state.kind !== 'ready') return false;
  if (filter.onlyProblems && !hasProblem(host)) return false;
  return hasWords(() => wordsOf(host), filter);
}

/** An entry of the setting that cannot be used: a problem, and never connected. */
export function matchesProblem(problem: HostProblem, filter: HostFilter): boolean {
  if (filter.onlyConnected) return false;
  return hasWords(() => [problem.name, ...errorWords(problem.error)], filter);
}

/** "Showing 12 of 200 · filter: web". */
export function filterMessage(topology: Topology, filter: HostFilter): string {
  const all = topology.hosts.length + topology.problems.length;
  const shown =
    topology.hosts.filter((host) => matchesHost(host, filter)).length +
    topology.problems.filter((problem) => matchesProblem(problem, filter)).length;
  return `${shown === 0 ? 'No host fits' : `Showing ${shown} of ${all}`} · filter: ${filter.text}`;
}

function hasProblem({ state }: HostView): boolean {
  if (state.kind === 'failed') return true;
  // While it is tried again it is not well yet: the list must not flicker with each try.
  if (state.kind === 'connecting') return state.lastError !== undefined;
  return (
    state.kind === 'ready' && (state.snapshot.nodesError !== undefined || Boolean(state.snapshot.info.swarm.error))
  );
}

function hasWords(known: () => readonly (string | undefined)[], { words }: HostFilter): boolean {
  if (words.length === 0) return true;
  const text = known().filter(Boolean).join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

function wordsOf({ config, state }: HostView): (string | undefined)[] {
  const own = [config.name, config.endpointText, config.folder];
  if (state.kind === 'failed') return [...own, ...errorWords(state.error)];
  if (state.kind === 'connecting') return [...own, ...errorWords(state.lastError)];
  if (state.kind !== 'ready') return own;
  const { info, nodesError } = state.snapshot;
  return [
    ...own,
    info.serverVersion,
    info.hostname,
    info.swarm.nodeAddress,
    state.link.insecure,
    ...errorWords(nodesError),
  ];
}

function errorWords(error: unknown): string[] {
  if (error === undefined) return [];
  const { title, happened } = describeError(error);
  return [title, happened];
}
