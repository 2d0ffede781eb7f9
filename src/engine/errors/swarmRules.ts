import type { Rule } from './failure';

/** Who may do something with a swarm, how a join ends, which addresses it takes, and what needs its majority. */
export const swarmRules: readonly Rule[] = [
  // Swarm: who may do it
  { text: /already part of a swarm/i, reason: 'alreadyInSwarm' },
  {
    text: /not a swarm manager\. Worker nodes can't|promote the current node|multi-host network from a worker/i,
    reason: 'notManager',
  },
  // It is one, and passes: its store starts, or it has no contact to the others yet.
  { text: /Manager is being prepared or has trouble connecting/i, reason: 'managerNotReady' },
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
];

/**
 * Texts of `Info.Swarm.Error` with which the part of a swarm does not run that the host has been a member of. A manager
 * that stops because it did not reach another one was only about to join.
 */
export const memberRules: readonly Rule[] = [
  { text: /loading TLS certificate .*not valid after/i, reason: 'certificatesExpired' },
  {
    text: /^manager stopped: (?!.*(prospective new cluster member|connection (error|refused|reset)|transport|dial tcp|no route to host))/i,
    reason: 'managerStateBroken',
  },
  // The host's own link is down: its swarm is where it was.
  { text: /could not find local IP address/i, reason: 'swarmPartBroken' },
];

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
