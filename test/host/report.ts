// How the tests inside the extension host tell the runner outside what happened: one line of JSON an event, in a file.
// The same under Electron and in the server, whose extension host has no console of ours.

export type HostEvent =
  | { event: 'start'; title: string }
  | { event: 'passed'; title: string; ms: number }
  | { event: 'skipped'; title: string }
  | { event: 'failed'; title: string; error: string }
  /** Written last: without it the extension host died on the way. */
  | { event: 'end' };

/** What out/results/host.json holds. */
export interface HostResults {
  passed: number;
  failed: number;
  skipped: number;
  failures: { title: string; error: string }[];
}

/** Environment variables the runner sets for the extension host. */
export const hostEnv = {
  /** File the events are appended to. */
  events: 'OVERLAY_HOST_EVENTS',
  /** Id of the extension under test. */
  extensionId: 'OVERLAY_HOST_EXTENSION_ID',
  /** Only tests whose full title matches this regular expression. */
  grep: 'OVERLAY_HOST_GREP',
} as const;
