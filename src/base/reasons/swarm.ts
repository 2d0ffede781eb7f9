import { because, inOrder, subject, type ErrorAction, type Needs, type Takes } from './text';

/** Stands for an address that is not known. No firewall takes it, so nothing is opened before it is replaced. */
const placeholder = 'JOINING_HOST';

const ipv4 = /^\d{1,3}(\.\d{1,3}){3}$/;
/** Without a zone, which means something on one host only. */
const ipv6 = /^[\da-f]*:[\da-f:.]*:[\da-f:.]*$/i;

/** Address of the host that joins; it comes from outside, and what is no address goes into no command. */
const joiningAddress = ({ items }: Takes<'items'>): string =>
  items?.find((item) => ipv4.test(item) || ipv6.test(item)) ?? placeholder;

/**
 * To be typed on a manager, for the one host that joins: the port is not for everybody. For now and for later: a reload
 * would drop what somebody else has added for now only, Docker's rules with it.
 */
function openManagerPort(p: Takes<'address' | 'items'>): string {
  const from = joiningAddress(p);
  const isIpv6 = ipv6.test(from) || (from === placeholder && p.address?.startsWith('['));
  const rule =
    `--add-rich-rule="rule family='${isIpv6 ? 'ipv6' : 'ipv4'}' source address='${from}' ` +
    `port port='2377' protocol='tcp' accept"`;
  return `sudo firewall-cmd ${rule} && sudo firewall-cmd --permanent ${rule}`;
}

/** What to open, and where. */
function managerPortRemedy(p: Takes<'address' | 'items'>): string {
  const host = subject(p, 'the host');
  const replace =
    joiningAddress(p) === placeholder ? `, once ${placeholder} is replaced by the address of ${host}` : '';
  return `On the manager, check that its firewall lets in 2377/tcp from ${host} (and from no others than the swarm's own hosts); the command does that there with firewalld${replace}.`;
}

/** What stands between the host and the managers is the question where a join came to nothing. */
const checkPorts = ({ host }: Takes<never>): readonly ErrorAction[] =>
  host === undefined
    ? []
    : [{ label: 'Check Ports', command: 'dockerOverlay.host.checkPorts', args: { hosts: [host] } }];

export const swarmReasons = {
  hostReplaced: (p: Needs<'name'>) => ({
    title: 'Another machine',
    happened: `${subject(p)} is another machine than when "${p.name}" began. Nothing was done on this other one.`,
    remedy: 'Begin the operation anew, with the hosts as they are now.',
  }),
  changeUnderWay: (p: Needs<'name'>) => ({
    title: 'Another change is under way',
    happened: `Nothing was done: "${p.name}" still works on the same hosts or the same swarm.`,
    remedy: 'Wait until it has ended, or cancel it, then run this again.',
  }),
  unlockKeyNotKept: (p: Needs) => ({
    title: 'Unlock key not known',
    happened: `No unlock key of ${subject(p)} is kept here, and no manager of its swarm can be asked.`,
    remedy: 'Connect another manager of this swarm, or ask who turned autolock on.',
  }),
  alreadyInSwarm: (p: Takes<'name'>) => ({
    title: 'Already in a swarm',
    happened: `${subject(p)} is already part of ${p.name ?? 'a swarm'}.`,
    remedy: 'Leave that swarm first (right-click the host, Leave Swarm), or choose another host.',
  }),
  notInSwarm: (p: Needs) => ({
    title: 'Not in a swarm',
    happened: `${subject(p)} is not part of a swarm.`,
    remedy: 'Form a swarm first, or join this host to one.',
  }),
  notManager: (p: Needs) => ({
    title: 'Not a manager',
    happened: `${subject(p)} is a worker; only managers can do this.`,
    remedy: 'Connect a manager of this swarm, or promote this node from a manager.',
  }),
  managerNotReady: (p: Needs) => ({
    title: 'Manager is not ready yet',
    happened: `${subject(p)} is a manager that is being prepared, or has trouble connecting to the others.`,
    remedy: 'Try again in a moment. If it stays so, check 2377/tcp between the managers, and the log of dockerd there.',
  }),
  noReachableManager: (p: Takes<'name'>) => ({
    title: 'No manager connected',
    happened: `No connected host is a manager of ${p.name ?? 'this swarm'}.`,
    remedy: 'Add or connect one of its managers.',
  }),
  joinTokenRefused: (p: Needs) => ({
    title: 'Join token refused',
    happened: `${subject(p)} could not join: the manager refused the join token.`,
    remedy: 'The token may have been rotated just now; run the join again to fetch the new one.',
  }),
  joinTimeout: (p: Takes<'address' | 'seconds' | 'message' | 'items'>) => ({
    title: 'Join has not finished',
    happened: `Could not join ${subject(p)}: ${p.address ?? 'the manager'} did not answer within ${p.seconds ?? 20} s${because(p.message)}. Docker goes on trying in the background.`,
    remedy: `${managerPortRemedy(p)} The host joins by itself then; to stop the attempt, leave the swarm on it.`,
    command: openManagerPort(p),
    actions: checkPorts(p),
  }),
  joinUnreachable: (p: Takes<'address' | 'message' | 'items'>) => ({
    title: 'Manager not reachable',
    happened: `Could not join ${subject(p)}: ${p.address ?? 'the manager'} is not reachable from it${because(p.message)}.`,
    remedy: `${managerPortRemedy(p)} Check also that the manager advertises the right address.`,
    command: openManagerPort(p),
    actions: checkPorts(p),
  }),
  joinNotTrusted: (p: Takes<'address' | 'message'>) => ({
    title: 'Certificate of the manager not accepted',
    happened: `Could not join ${subject(p)}: it reached ${p.address ?? 'the manager'} and does not accept its certificate${because(p.message)}.`,
    remedy: `Compare the clocks of both hosts with timedatectl: one that is wrong makes a good certificate "expired" or "not yet valid". If they are right, check that ${p.address ?? 'the address'} is a manager of this swarm.`,
    command: 'timedatectl status',
  }),
  joinEnded: (p: Needs<'address'>) => ({
    title: 'Join was interrupted',
    happened: `Docker on ${subject(p, 'the host')} gave up joining ${p.address} without a reason, as it does when it is restarted meanwhile or refused in the background. The host is in no swarm.`,
    remedy: 'Run it again; the log of dockerd there says more.',
  }),
  halfJoined: (p: Takes<'name' | 'message'>) => ({
    title: 'Half joined',
    happened: `${subject(p)} has begun to join ${p.name ?? 'a swarm'} and is not in it${because(p.message)}.`,
    remedy:
      'Leave the swarm on it (right-click the host, Leave Swarm): that forgets the attempt. Then let it join again.',
  }),
  certificatesExpired: (p: Takes<'message'>) => ({
    title: 'Swarm certificate has expired',
    happened: `The swarm certificate of ${subject(p, 'the host')} has expired${because(p.message)}: it was off, or without contact to the managers, for longer than the certificate lasts (90 days unless set otherwise). Docker there takes no part in its swarm.`,
    remedy:
      'Where another manager of its swarm answers, demote it there if it is a manager; then let it leave and join again. If it is the only manager, do not let it leave: that erases the swarm. Instead stop Docker on it, save /var/lib/docker/swarm, move docker-state.json out of that folder, start Docker and run "docker swarm init --force-new-cluster --advertise-addr ADDRESS": services and networks are kept.',
  }),
  managerStateBroken: (p: Takes<'message'>) => ({
    title: 'Manager cannot start',
    happened: `${subject(p)} is a manager, and Docker there cannot start its part of the swarm${because(p.message)}.`,
    remedy:
      'If its disk is full or its port is taken, free that and restart Docker on it. If its record of the swarm is damaged and other managers have the majority, demote it there; then let it leave and join again. If it is the only manager, do not let it leave: that erases what is left. Restore /var/lib/docker/swarm from a backup with Docker stopped.',
  }),
  swarmPartBroken: (p: Takes<'message'>) => ({
    title: 'Swarm does not run here',
    happened: `Docker on ${subject(p, 'the host')} cannot run its part of a swarm${because(p.message)}. Whether it is the only manager that knows the swarm cannot be told from here.`,
    remedy:
      'Look into the log of dockerd there. Where another manager of its swarm answers, connect that one: then the host can leave and join again. Otherwise do not let it leave: that erases what it knows.',
  }),
  memberStarting: (p: Needs) => ({
    title: 'Manager is starting',
    happened: `${subject(p)} is a manager that takes its place in its swarm again, and may be the only one that knows it.`,
    remedy: 'Wait until it is a manager again or says what is wrong, then do this.',
  }),
  managerNameUnknown: (p: Takes<'address' | 'message'>) => ({
    title: `Name not found: ${p.address ?? 'the manager'}`,
    happened: `Could not join ${subject(p)}: it finds no address for ${p.address ?? "the manager's name"}${because(p.message)}.`,
    remedy: `Use the manager's IP address, or make its name known to ${subject(p, 'the host')} (DNS or /etc/hosts there).`,
  }),
  advertiseAddressAmbiguous: (p: Takes<'items'>) => ({
    title: 'Several addresses',
    happened: `${subject(p)} has several addresses${p.items?.length ? ` (${p.items.join(', ')})` : ''} and none was chosen to advertise.`,
    remedy: 'Choose the address the other hosts reach it by.',
  }),
  advertiseAddressInvalid: (p: Takes<'address' | 'message'>) => ({
    title: 'Advertise address not usable',
    happened: `${subject(p)} cannot advertise ${p.address ?? 'that address'}${because(p.message)}.`,
    remedy: 'Choose an address of that host which the other hosts reach.',
  }),
  addressPoolInvalid: (p: Needs<'address' | 'message'>) => ({
    title: 'Address pool not valid',
    happened: `The address pool ${p.address} cannot be used${because(p.message)}.`,
    remedy: 'Write it as address/prefix length, for instance 10.20.0.0/16; each new network takes a part of it.',
  }),
  dataPathPortInvalid: (p: Needs<'name'>) => ({
    title: 'Data-path port not valid',
    happened: `The port ${p.name} cannot carry the data of overlay networks.`,
    remedy: 'Choose a UDP port from 1024 to 49151 that is open between all hosts; Docker itself takes 4789.',
  }),
  quorumWouldBeLost: (p: Takes<'message' | 'items'>) => ({
    title: 'Would lose the majority',
    happened: `${p.message ?? 'This would leave the swarm without a majority of its managers'}.`,
    remedy: p.items?.length ? inOrder(p.items) : 'Promote another node first, then do this.',
  }),
  /** `seconds`: Docker's own time for it was up; likely lost, and no proof. */
  quorumLost: (p: Takes<'name' | 'seconds'>) => ({
    title: 'Majority of managers lost',
    happened: `${p.name ?? 'The swarm'} has no majority of its managers: containers and networks go on working, but nothing can be changed.`,
    remedy: 'Bring the missing managers back; if they are lost for good, recover the swarm on one that is left.',
  }),
  quorumNotLost: (p: Needs<'name' | 'message'>) => ({
    title: 'Majority is not lost',
    happened: `${p.name} has a majority of its managers${because(p.message)}: there is nothing to recover, and a new cluster made from one manager would drop the others.`,
    remedy: 'Promote, demote or remove nodes instead.',
  }),
  quorumLossUnproven: (p: Needs<'message', 'name'>) => ({
    title: 'Loss of the majority not proven',
    happened: `Docker on ${subject(p, 'the host')} does not say steadily that ${p.name ?? 'the swarm'} has lost the majority of its managers${because(p.message)}. Nothing was changed, since what was to follow cannot be undone.`,
    remedy:
      'Look at the managers and run it again. Disconnect a host here that is lost for good and still seems connected.',
  }),
  recoveryNotPossible: (p: Needs<'message', 'name'>) => ({
    title: 'Cannot be recovered here',
    happened: `${subject(p)} cannot carry on ${p.name ?? 'the swarm'}${because(p.message)}.`,
    remedy: 'Choose a connected host that was a manager of this swarm when the majority was lost.',
  }),
  autolockOff: (p: Needs<'name'>) => ({
    title: 'Autolock is off',
    happened: `Managers of ${p.name} are not locked after a restart, so there is no unlock key.`,
    remedy: 'Turn autolock on first.',
  }),
  caRotationUnfinished: (p: Needs<'name' | 'seconds', 'items'>) => ({
    title: 'New root certificate not everywhere',
    happened: `The rotation of the root certificate of ${p.name} goes on, but was not finished within ${p.seconds} s; not through: ${p.items?.join(', ') ?? 'some nodes'}.`,
    remedy: 'It is finished by itself once these nodes are back; remove those that will not come back.',
  }),
  swarmLocked: (p: Needs) => ({
    title: 'Swarm is locked',
    happened: `${subject(p)} is a locked manager.`,
    remedy: 'Unlock it with the unlock key.',
  }),
  lastManager: (p: Takes<'message' | 'items'>) => ({
    title: 'Last manager',
    happened: `${subject(p)} is the only manager of its swarm${because(p.message)}.`,
    remedy: p.items?.length ? inOrder(p.items) : 'Promote another node first, or let all other nodes leave before it.',
  }),
  nodeIsManager: (p: Takes<'name'>) => ({
    title: 'Node is a manager',
    happened: `${p.name ?? subject(p, 'The node')} is a manager, and Docker lets go only of workers.`,
    remedy: 'Demote it first, then do this.',
  }),
  notManagerYet: (p: Needs) => ({
    title: 'Not a manager yet',
    happened: `${subject(p)}: promoted, but not a manager yet, and Docker cannot take that back.`,
    remedy: 'Demote it once it is a manager, or remove it.',
  }),
  nodeNotDown: (p: Takes<'name'>) => ({
    title: 'Node is still up',
    happened: `${p.name ?? 'The node'} is still part of the swarm and running; Docker removes only nodes that are down.`,
    remedy: 'Let it leave the swarm first, on its own host.',
  }),
  unlockKeyRefused: (p: Needs) => ({
    title: 'Unlock key refused',
    happened: `${subject(p)} did not accept the unlock key and stays locked.`,
    remedy:
      'Get the current key on another manager and try again. A manager that was down while the key was rotated still wants the key from before.',
    command: 'docker swarm unlock-key',
  }),
  nodeChanged: (p: Needs) => ({
    title: 'Node was changed meanwhile',
    happened: `${subject(p, 'The node')} was changed by somebody else at the same time.`,
    remedy: 'Look at it as it is now, and try again.',
  }),
  changeNotSeen: (p: Needs<'message' | 'seconds'>) => ({
    title: 'Not finished in time',
    happened: `${subject(p)}: ${p.message} was not seen within ${p.seconds} s.`,
    remedy: 'It may still come; the view follows. Check the state of the node and the log of dockerd there.',
  }),
  planIncomplete: (p: Needs<'name' | 'message'>) => ({
    title: 'Not everything was done',
    happened: `${p.name}: ${p.message}.`,
    remedy: 'Run it again to finish; what is done already is skipped.',
  }),
};
