import type { Rule } from './failure';

/** Nobody answered within the 20 s that Docker waits for a place in a network; the second form when no manager is reached. */
const attachFailed =
  /attaching to network failed|could not find network attachment|could not attach to network .*deadline exceeded/i;

/** Networks and the containers in them. */
export const networkRules: readonly Rule[] = [
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
];

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
