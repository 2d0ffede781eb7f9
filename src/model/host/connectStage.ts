/** What is gone through, in this order, until an engine answers. */
export const connectStages = ['configuration', 'resolve', 'tcp', 'hostKey', 'authentication', 'engine'] as const;

/**
 * - `configuration`: the Docker context, `ssh -G`
 * - `resolve`: the name becomes an address
 * - `tcp`: the port answers
 * - `hostKey`: the server is who it is known to be (SSH host key, TLS certificate)
 * - `authentication`: the server lets us in
 * - `engine`: Docker answers over its socket
 */
export type ConnectStage = (typeof connectStages)[number];

/** A stage began, or is over. One that began and is not over when connecting fails is the one that failed. */
export interface StageReport {
  readonly stage: ConnectStage;
  readonly state: 'begun' | 'done' | 'skipped';
  /** What was found ("10.0.0.5", "ssh-ed25519 SHA256:..., known"), what is waited for, or why it is skipped. */
  readonly detail?: string;
  /** The jump host it is about; undefined for the host itself. */
  readonly hop?: string;
}

/** Hears of the stages while it connects. */
export type StageListener = (report: StageReport) => void;

/** A listener for one hop of the way: its reports carry the name of the jump host. */
export function atHop(listener: StageListener, hop: string | undefined): StageListener {
  return hop === undefined ? listener : (report) => listener({ hop, ...report });
}

/** Reports stages that there are none of on this way. */
export function skipStages(listener: StageListener, detail: string, ...stages: readonly ConnectStage[]): void {
  for (const stage of stages) listener({ stage, state: 'skipped', detail });
}

/** Words for the tree about a stage that has begun: "resolving", "logging in". */
export function stageWords({ stage, state, detail, hop }: StageReport): string {
  const begun = state === 'begun' ? detail : undefined;
  const place = hop === undefined ? '' : ` (jump host ${hop})`;
  return `${words[stage](begun)}${place}`;
}

/** @param detail of the beginning: the address of `tcp`, else what is waited for. */
const words: Readonly<Record<ConnectStage, (detail?: string) => string>> = {
  configuration: (detail) => (detail === undefined ? 'reading the configuration' : `reading the ${detail}`),
  resolve: () => 'resolving',
  tcp: (detail) => (detail === undefined ? 'connecting' : `connecting to ${detail}`),
  hostKey: (detail) => detail ?? 'exchanging keys',
  authentication: (detail) => detail ?? 'logging in',
  engine: () => 'asking Docker',
};
