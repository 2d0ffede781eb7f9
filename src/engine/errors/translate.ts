import { OverlayError, type Reason } from '../../base/errors';
import type { ReasonParams } from '../../base/reasons';
import { oneLine } from '../../base/text/oneLine';

/** An answer other than success. `text` is the daemon's own, unread by anybody but {@link translate}. */
export class HttpFailure extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
  ) {
    super(`HTTP ${status}`);
  }
}

/** What was asked of the engine, in the words of its command line. */
export type Action =
  | 'ping'
  | 'info'
  | 'events'
  | 'swarm init'
  | 'swarm join'
  | 'swarm leave'
  | 'swarm inspect'
  | 'swarm update'
  | 'swarm unlock'
  | 'node list'
  | 'node inspect'
  | 'node update'
  | 'node remove'
  | 'task list'
  | 'service list'
  | 'network list'
  | 'network inspect'
  | 'network create'
  | 'network remove'
  | 'network connect'
  | 'network disconnect'
  | 'container list'
  | 'container inspect'
  | 'container create'
  | 'container start'
  | 'container remove'
  | 'exec'
  | 'image inspect'
  | 'image pull'
  | 'image save'
  | 'image load';

/** On whose behalf a request failed. */
export interface FailureContext {
  readonly action: Action;
  readonly host: string;
  /** The object concerned: a network's name or id, a container ... */
  readonly name?: string;
  /** Address concerned: of the manager to join, the subnets to create ... */
  readonly address?: string;
}

interface Rule {
  /** Matched against the cleaned text. */
  readonly text?: RegExp;
  readonly status?: number;
  /** Matched against the action. */
  readonly action?: RegExp;
  readonly reason: Reason;
  readonly params?: (text: string, context: FailureContext) => ReasonParams;
}

/** Nobody answered within the 20 s that Docker waits for a place in a network; the second form when no manager is reached. */
const attachFailed =
  /attaching to network failed|could not find network attachment|could not attach to network .*deadline exceeded/i;

/**
 * The one place where a daemon's words decide anything. The first rule that fits counts. Texts are those of moby
 * 20.10 to 29 and swarmkit (daemon/cluster, manager/controlapi, ca); those of 20.10 are met by the integration tests.
 */
const rules: readonly Rule[] = [
  // 29.0 to 29.2 take no version below 1.44, and any engine can be told a minimum (DOCKER_MIN_API_VERSION).
  {
    text: /client version \S+ is too old/i,
    reason: 'engineTooNew',
    params: (text) => ({ message: /API version is ([\d.]*\d)/.exec(text)?.[1] ?? text }),
  },
  // Swarm: who may do it
  { text: /already part of a swarm/i, reason: 'alreadyInSwarm' },
  {
    text: /not a swarm manager\. Worker nodes can't|promote the current node|multi-host network from a worker/i,
    reason: 'notManager',
  },
  { text: /not a swarm manager|not part of a swarm|This node is not participating as a swarm/i, reason: 'notInSwarm' },
  { text: /Swarm is encrypted and/i, reason: 'swarmLocked' },
  { text: /Swarm certificates have expired/i, reason: 'certificatesExpired' },
  {
    text: /invalid key|unlock.*(incorrect|wrong|invalid)|could not.*unlock/i,
    action: /unlock/,
    reason: 'unlockKeyRefused',
  },
  // Swarm: joining
  {
    text: /Timeout was reached before node (was )?joined|background/i,
    action: /join/,
    reason: 'joinTimeout',
    params: (_, { address }) => ({ address, seconds: 20, message: undefined }),
  },
  // A manager tells its own address to the leader, which tries it before it lets the manager in.
  {
    text: /prospective new cluster member using its advertised address/i,
    reason: 'advertiseAddressInvalid',
    params: (_, { address }) => ({
      address: undefined,
      message: `the managers do not reach it there${address ? ` (asked by ${address})` : ''}`,
    }),
  },
  {
    text: /no such host|server misbehaving|name resolution|produced zero addresses/i,
    action: /join/,
    reason: 'managerNameUnknown',
    params: (text) => ({ message: lastOf(text) }),
  },
  {
    text: /join token|CA does not match fingerprint|invalid checksum digest/i,
    action: /join/,
    reason: 'joinTokenRefused',
  },
  // Clocks that differ, an expired certificate, or a manager of another swarm: it was reached.
  {
    text: /x509:|failed to verify certificate/i,
    action: /join/,
    reason: 'joinNotTrusted',
    params: (text) => ({ message: /x509: .*/.exec(text.replace(/"/g, ''))?.[0] ?? text }),
  },
  {
    text: /refused|no route to host|unreachable|i\/o timeout|Unavailable|deadline exceeded|connection (error|closed|reset)|transport/i,
    action: /join/,
    reason: 'joinUnreachable',
    params: (text) => ({ message: lastOf(text) }),
  },
  // Swarm: addresses
  {
    text: /multiple addresses|could not choose an IP address|more than one (IPv4|IPv6|IP)/i,
    action: /init|join/,
    reason: 'advertiseAddressAmbiguous',
    params: (text) => ({ items: addressesIn(text) }),
  },
  {
    text: /(advertise|listen(ing)?|data path) address|invalid AdvertiseAddr|no such (network )?interface|valid IP address or interface name|could not find the system's IP address|interface \S+ has more than one/i,
    action: /swarm (init|join)/,
    reason: 'advertiseAddressInvalid',
  },
  // Swarm: majority
  {
    text: /last manager/i,
    reason: 'lastManager',
    params: (_, { action }) => ({ message: action === 'swarm leave' ? 'leaving erases its state' : undefined }),
  },
  {
    text: /loss of quorum|Without a Raft quorum/i,
    reason: 'quorumWouldBeLost',
    params: (text) => ({ message: majorityText(text) }),
  },
  { text: /does not have a leader|too few managers|lost leader status|no elected.*leader/i, reason: 'quorumLost' },
  { text: /participating as a manager/i, action: /leave/, reason: 'nodeIsManager' },
  {
    text: /(is a cluster manager|demoted to worker before removal|member of the raft cluster)/i,
    reason: 'nodeIsManager',
  },
  { text: /not down and can't be removed/i, action: /node remove/, reason: 'nodeNotDown' },
  { text: /update out of sequence/i, reason: 'nodeChanged' },
  // Networks
  {
    text: /not manually attachable/i,
    reason: 'verifyNotAttachable',
    params: (text, { name }) => ({ name: networkIn(text) ?? name }),
  },
  { text: /is not connected to (the )?network/i, reason: 'notFound' },
  { text: /already exists in network|already attached to network/i, reason: 'conflict' },
  {
    text: attachFailed,
    action: /network connect/,
    reason: 'attachTimedOut',
  },
  {
    text: attachFailed,
    action: /start|connect/,
    reason: 'probeAttachTimeout',
  },
  { text: /address already in use/i, action: /network connect/, reason: 'addressTaken' },
  {
    text: /does not belong to any of this network's subnets|no configured subnet/i,
    action: /network connect/,
    reason: 'addressNotInSubnet',
  },
  {
    text: /sharing network namespace|private \(none\) mode|connected to host network/i,
    action: /network (dis)?connect/,
    reason: 'containerNotConnectable',
  },
  // A manager without majority waits for its Raft until its own time is up: likely lost, and no proof (`seconds`).
  // Networks are also listed and looked at without it, by hosts in no swarm too.
  {
    text: /deadline exceeded|deadlineexceeded/i,
    action: /^(node|task|service) |^swarm (inspect|update|leave)|^network (create|remove)/,
    reason: 'quorumLost',
    params: () => ({ seconds: 20 }),
  },
  { text: /network with name already exists/i, action: /network create/, reason: 'networkNameInvalid' },
  { text: /network with name .* already exists/i, reason: 'networkNameTaken' },
  {
    text: /pool overlaps|overlaps with|conflicts with (an )?existing|address.*overlap|subnet sandbox/i,
    action: /network/,
    reason: 'subnetOverlap',
  },
  {
    text: /invalid CIDR|invalid subnet|invalid (pool|ip ?range|gateway|network config|IPAM)|no matching subnet|does not contain|parse(CIDR| subnet)?.*address|bad.*subnet/i,
    action: /network create/,
    reason: 'subnetInvalid',
  },
  {
    text: /has active endpoints|is in use by/i,
    action: /network/,
    reason: 'networkInUse',
    params: (text) => ({ items: usersIn(text) }),
  },
  {
    text: /ingress network cannot be removed because/i,
    action: /network remove/,
    reason: 'ingressInUse',
    params: (text) => ({ items: serviceIn(text) }),
  },
  {
    text: /pre-?defined|Ingress network cannot be removed|operation not (permitted|supported).*(network|predefined)/i,
    action: /network/,
    reason: 'networkNotRemovable',
  },
  {
    text: /invalid (network )?name|name .*invalid|name must be valid/i,
    action: /network create/,
    reason: 'networkNameInvalid',
  },
  {
    text: /network .*not found|no such network/i,
    reason: 'networkNotFound',
    params: (text, { action, name }) => ({ name: action.startsWith('network') ? name : (networkIn(text) ?? name) }),
  },
  { status: 404, action: /network/, text: /^(?!.*No such container)/i, reason: 'networkNotFound' },
  // Images
  { status: 404, text: /page not found/i, reason: 'engineError' },
  { action: /image pull/, reason: 'imageNotPulled' },
  { text: /No such image|image not known/i, reason: 'imageMissing' },
  { status: 404, action: /image/, reason: 'imageMissing' },
  // Gone or going: the same to whoever wants it gone.
  { text: /removal of container .* already in progress/i, reason: 'notFound' },
  // The rest by status
  { status: 409, reason: 'conflict' },
  { status: 404, reason: 'notFound' },
];

/** Turns whatever a request failed with into an error of the catalogue; ours pass, with the host added. */
export function translate(error: unknown, context: FailureContext): OverlayError {
  const { host, name, address } = context;
  if (error instanceof OverlayError) return error.params.host === undefined ? error.with({ host }) : error;
  if (!(error instanceof HttpFailure)) return linkLost(error, context);
  const text = daemonWords(error.text);
  const rule = rules.find((each) => fits(each, error.status, text, context.action));
  const common = { host, name, address, status: error.status, message: text };
  if (!rule) {
    const refused = name ? `${context.action} ${name}` : context.action;
    return new OverlayError('engineError', { ...common, name: refused }, { cause: error });
  }
  return new OverlayError(rule.reason, { ...common, ...rule.params?.(text, context) }, { cause: error });
}

/**
 * Texts of `Info.Swarm.Error` with which the part of a swarm does not run that the host has been a member of. A manager
 * that stops because it did not reach another one was only about to join.
 */
const memberRules: readonly Rule[] = [
  { text: /loading TLS certificate .*not valid after/i, reason: 'certificatesExpired' },
  {
    text: /^manager stopped: (?!.*(prospective new cluster member|connection (error|refused|reset)|transport|dial tcp|no route to host))/i,
    reason: 'managerStateBroken',
  },
  // The host's own link is down: its swarm is where it was.
  { text: /could not find local IP address/i, reason: 'swarmPartBroken' },
];

/** What the text means with which an engine says why it is not in a swarm (`Info.Swarm.Error`); undefined if unknown. */
export function joinFailureReason(text: string): Reason | undefined {
  return [...memberRules, ...rules].find((each) => each.text !== undefined && fits(each, 0, text, 'swarm join'))
    ?.reason;
}

function fits(rule: Rule, status: number, text: string, action: Action): boolean {
  if (rule.status !== undefined && rule.status !== status) return false;
  if (rule.action && !rule.action.test(action)) return false;
  return rule.text === undefined || rule.text.test(text);
}

/** Stream errors: reset, hung up, ended too early, refused. What else is thrown is a fault of ours. */
function linkLost(error: unknown, { host, action }: FailureContext): OverlayError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = oneLine(error instanceof Error ? error.message : String(error));
  const isStream = typeof code === 'string' && /^(E[A-Z]+|ERR_STREAM_|ERR_SOCKET|HPE_)/.test(code);
  if (isStream) return new OverlayError('linkLost', { host, message }, { cause: error });
  return new OverlayError('unexpected', { host, message: `${action}: ${message}` }, { cause: error });
}

/** A daemon's words as one line for a person, without the wrappings of gRPC and HTTP. */
export function daemonWords(text: string): string {
  const bare = text
    .slice(0, 16_384)
    .replace(/Error response from daemon: /gi, '')
    .replace(/rpc error: code = \w+ desc = /g, '')
    .replace(/\\"/g, '"');
  return oneLine(bare, { max: 400 });
}

/** The innermost cause of a chain "a: b: c", which says what happened to the connection. */
function lastOf(text: string): string {
  const parts = text.replace(/"/g, '').split(': ');
  return parts.slice(-2).join(': ');
}

function addressesIn(text: string): string[] {
  const found = text.match(/\b\d{1,3}(\.\d{1,3}){3}\b|\b[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}\b/gi) ?? [];
  return [...new Set(found)];
}

/** "Removing this node leaves 1 managers out of 2." */
function majorityText(text: string): string | undefined {
  const [, left, all] = /leaves (\d+) managers out of (\d+)/.exec(text) ?? [];
  return left === undefined ? undefined : `Only ${left} of ${all} managers would be left, which is no majority`;
}

/** "because service ID depends on it" */
function serviceIn(text: string): string[] | undefined {
  const id = /because service (\S+) depends/.exec(text)?.[1];
  return id === undefined ? undefined : [id];
}

/** The network a text about a container speaks of. */
const networkIn = (text: string): string | undefined => /network (\S+) not /.exec(text)?.[1];

/**
 * Who uses a network: "is in use by service NAME" or "has active endpoints (name:"a" id:"123", ...)". The id of a task
 * tells a person nothing.
 */
function usersIn(text: string): string[] | undefined {
  const named = [...text.matchAll(/name:"([^"]+)"/g)].map((match) => match[1] ?? '');
  const used = /is in use by (?!task)(.+)$/i.exec(text)?.[1];
  const items = used ? [used] : named;
  return items.length > 0 ? items : undefined;
}
