import { describe, expect, it } from 'vitest';
import { describeError, type Reason } from '../../../src/base/errors';
import type { ReasonParams } from '../../../src/base/reasons';
import { HttpFailure, type Action } from '../../../src/engine/errors/failure';
import { daemonWords, translate } from '../../../src/engine/errors/translate';
import { anyError } from '../anyError';

/** Texts of engines: those marked 20.10 were met on one, the others are from moby's and swarmkit's source. */
const cases: readonly [Action, number, string, Reason, ReasonParams?][] = [
  // 20.10
  [
    'node list',
    503,
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    'notInSwarm',
  ],
  [
    'node list',
    503,
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.",
    'notManager',
  ],
  // daemon/cluster/cluster.go, errNoManager: a manager whose store starts, or that has lost the others.
  [
    'node list',
    503,
    'This node is not a swarm manager. Manager is being prepared or has trouble connecting to the cluster.',
    'managerNotReady',
  ],
  [
    'network create',
    403,
    'Cannot create a multi-host network from a worker node. Please create the network from a manager node.',
    'notManager',
  ],
  ['swarm leave', 503, 'This node is not part of a swarm', 'notInSwarm'],
  [
    'swarm init',
    503,
    'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
    'alreadyInSwarm',
  ],
  [
    'swarm init',
    400,
    'could not choose an IP address to advertise since this system has multiple addresses on interface eth0 (10.77.2.11 and 10.99.0.1)',
    'advertiseAddressAmbiguous',
    { items: ['10.77.2.11', '10.99.0.1'] },
  ],
  [
    'swarm init',
    400,
    'could not choose an IP address to advertise since this system has multiple addresses on different interfaces (10.77.2.11 on eth0 and fd00::5 on eth1)',
    'advertiseAddressAmbiguous',
    { items: ['10.77.2.11', 'fd00::5'] },
  ],
  [
    'swarm init',
    400,
    'advertise address must be a non-zero IP address or network interface (with optional port number)',
    'advertiseAddressInvalid',
  ],
  [
    'swarm init',
    400,
    'listen address must be an IP address or network interface (with optional port number)',
    'advertiseAddressInvalid',
  ],
  ['swarm init', 400, 'invalid ListenAddr "x:y": address x:y: unknown port', 'engineError'],
  ['swarm init', 500, 'failed to read the IP address pool: interface is down', 'engineError'],
  ['swarm init', 500, 'context deadline exceeded', 'engineError'],
  ['swarm init', 500, 'Datapath port number is not in valid range (1024-49151) : 80', 'engineError'],
  ['swarm join', 500, 'invalid join token', 'joinTokenRefused'],
  ['swarm join', 500, 'invalid checksum digest length', 'joinTokenRefused'],
  [
    'swarm join',
    400,
    'rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster',
    'joinTokenRefused',
  ],
  ['swarm join', 500, 'remote CA does not match fingerprint. Expected: 8bd107ce', 'joinTokenRefused'],
  [
    'swarm join',
    503,
    'Timeout was reached before node joined. The attempt to join the swarm will continue in the background. Use the "docker info" command to see the current swarm status of your node.',
    'joinTimeout',
    { seconds: 20 },
  ],
  [
    'swarm join',
    503,
    'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing dial tcp 10.77.2.13:2377: connect: connection refused"',
    'joinUnreachable',
    { message: 'connect: connection refused' },
  ],
  [
    'swarm join',
    500,
    'rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: x509: certificate has expired or is not yet valid: current time 2020-01-01T00:00:00Z is before 2026-01-01T00:00:00Z"',
    'joinNotTrusted',
    {
      message:
        'x509: certificate has expired or is not yet valid: current time 2020-01-01T00:00:00Z is before 2026-01-01T00:00:00Z',
    },
  ],
  [
    'swarm join',
    500,
    'rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority"',
    'joinNotTrusted',
    { message: 'x509: certificate signed by unknown authority' },
  ],
  ['swarm join', 500, 'dial tcp: lookup nosuch: no such host', 'managerNameUnknown'],
  [
    'swarm join',
    500,
    "manager stopped: can't initialize raft node: rpc error: code = Unknown desc = could not connect to prospective new cluster member using its advertised address: rpc error: code = DeadlineExceeded desc = context deadline exceeded",
    'advertiseAddressInvalid',
  ],
  [
    'swarm leave',
    503,
    'You are attempting to leave the swarm on a node that is participating as a manager. Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message. ',
    'lastManager',
  ],
  [
    'swarm leave',
    503,
    'You are attempting to leave the swarm on a node that is participating as a manager. Removing this node leaves 1 managers out of 2. Without a Raft quorum your swarm will be inaccessible. The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message.',
    'quorumWouldBeLost',
    { message: 'Only 1 of 2 managers would be left, which is no majority' },
  ],
  [
    'swarm leave',
    503,
    'You are attempting to leave the swarm on a node that is participating as a manager. The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message.',
    'nodeIsManager',
  ],
  [
    'swarm leave',
    503,
    'Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message.',
    'swarmLocked',
  ],
  [
    'node list',
    503,
    'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.',
    'swarmLocked',
  ],
  [
    'node update',
    400,
    'rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm',
    'lastManager',
  ],
  [
    'node update',
    400,
    "rpc error: code = FailedPrecondition desc = can't remove member from the raft: this would result in a loss of quorum",
    'quorumWouldBeLost',
  ],
  ['node update', 500, 'rpc error: code = Unknown desc = update out of sequence', 'nodeChanged'],
  [
    'node remove',
    400,
    "rpc error: code = FailedPrecondition desc = node mxipdjtzehfilm3dgshvhtee5 is not down and can't be removed",
    'nodeNotDown',
  ],
  [
    'node remove',
    400,
    'rpc error: code = FailedPrecondition desc = node jdgklykowu0wkxujyy0380e9s is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal',
    'nodeIsManager',
  ],
  ['node remove', 404, 'node abcdefghijklmnopqrstuvwxy not found', 'notFound'],
  [
    'node list',
    500,
    "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
    'quorumLost',
  ],
  ['network create', 500, 'rpc error: code = DeadlineExceeded desc = context deadline exceeded', 'quorumLost'],
  [
    'network create',
    409,
    'rpc error: code = AlreadyExists desc = network with name my_net already exists',
    'networkNameTaken',
  ],
  ['network create', 409, 'network with name  already exists', 'networkNameInvalid'],
  [
    'network create',
    400,
    'rpc error: code = InvalidArgument desc = name must be valid as a DNS name component',
    'networkNameInvalid',
  ],
  ['network create', 403, 'Pool overlaps with other one on this address space', 'subnetOverlap'],
  ['network create', 500, 'invalid pool request: Pool overlaps with other one on this address space', 'subnetOverlap'],
  ['network create', 500, 'Invalid subnet 10.50.0.0 : invalid CIDR address: 10.50.0.0', 'subnetInvalid'],
  [
    'network create',
    400,
    'rpc error: code = InvalidArgument desc = ipam configuration: subnet 10.51.0.0/24 does not contain gateway 1.2.3.4',
    'subnetInvalid',
  ],
  [
    'network remove',
    400,
    'rpc error: code = FailedPrecondition desc = network cvx3 is in use by service web',
    'networkInUse',
    { items: ['service web'] },
  ],
  [
    'network remove',
    400,
    'rpc error: code = FailedPrecondition desc = network cvx3 is in use by task zkl1',
    'networkInUse',
    { items: undefined },
  ],
  [
    'network remove',
    403,
    'error while removing network: network my_net has active endpoints (name:"web" id:"0f3d", name:"db" id:"1f3d")',
    'networkInUse',
    { items: ['web', 'db'] },
  ],
  ['network remove', 403, 'host is a pre-defined network and cannot be removed', 'networkNotRemovable'],
  ['network remove', 404, 'network abcdefghijklmnopqrstuvwxy not found', 'networkNotFound', { name: 'X' }],
  ['network connect', 404, 'No such container: 0f3d09e3fc84', 'notFound'],
  ['network connect', 403, 'endpoint with name c1 already exists in network my_net', 'conflict'],
  [
    'network connect',
    500,
    'attaching to network failed, make sure your network options are correct and check manager logs: context deadline exceeded',
    'attachTimedOut',
  ],
  ['network connect', 500, 'Address already in use', 'addressTaken'],
  [
    'network connect',
    500,
    "Invalid address 10.99.0.77: It does not belong to any of this network's subnets",
    'addressNotInSubnet',
  ],
  [
    'network connect',
    403,
    'container sharing network namespace with another container or host cannot be connected to any other network',
    'containerNotConnectable',
  ],
  [
    'network connect',
    403,
    'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    'containerNotConnectable',
  ],
  ['network disconnect', 500, 'container df7a is not connected to network my_net', 'notFound'],
  [
    'container start',
    500,
    'Could not attach to network vd6r: rpc error: code = PermissionDenied desc = network vd6r not manually attachable',
    'verifyNotAttachable',
    { name: 'vd6r' },
  ],
  [
    'container start',
    500,
    'Could not attach to network abcd: rpc error: code = NotFound desc = network abcd not found',
    'networkNotFound',
    { name: 'abcd' },
  ],
  [
    'container start',
    500,
    'attaching to network failed, make sure your network options are correct and check manager logs: context deadline exceeded',
    'probeAttachTimeout',
  ],
  ['container start', 500, 'Could not attach to network my_net: context deadline exceeded', 'probeAttachTimeout'],
  ['container create', 404, 'No such image: nope:1', 'imageMissing'],
  [
    'container create',
    409,
    'Conflict. The container name "/c1" is already in use by container "df7a". You have to remove (or rename) that container to be able to reuse that name.',
    'conflict',
  ],
  ['container remove', 409, 'removal of container df7a is already in progress', 'notFound'],
  ['container remove', 404, 'No such container: df7a', 'notFound'],
  // A host in no swarm lists and inspects networks too, without any majority.
  ['network inspect', 500, 'context deadline exceeded', 'engineError'],
  ['network list', 500, 'context deadline exceeded', 'engineError'],
  ['image pull', 500, 'write /var/lib/docker/tmp/x: no space left on device', 'imageNotPulled'],
  ['image pull', 401, 'unauthorized: authentication required', 'imageNotPulled'],
  ['image load', 404, 'page not found', 'engineError'],
  // A proxy in between.
  [
    'info',
    502,
    '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>',
    'engineError',
    { message: '502 Bad Gateway 502 Bad Gateway' },
  ],
  [
    'image pull',
    500,
    'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    'imageNotPulled',
  ],
  [
    'image pull',
    404,
    "pull access denied for nope, repository does not exist or may require 'docker login'",
    'imageNotPulled',
  ],
  ['image inspect', 404, 'no such image: nope:3: No such image: nope:3', 'imageMissing'],
  ['image inspect', 500, 'disk on fire', 'engineError'],
  ['container list', 404, '404 page not found', 'engineError'],
  ['info', 500, 'something new', 'engineError'],
  // 25 and later; 29.0 to 29.2 from 1.44 on
  [
    'info',
    400,
    'client version 1.51 is too old. Minimum supported API version is 1.60, please upgrade your client to a newer version',
    'engineTooNew',
    { message: '1.60' },
  ],
];

describe("an engine's refusal", () => {
  it.each(cases)('%s, %i, "%s": %s', (action, status, text, reason, params) => {
    const error = translate(new HttpFailure(status, text), { action, host: 'node1', name: 'X', address: '10.0.0.1' });
    expect(error.reason).toBe(reason);
    expect(error.params).toMatchObject({ host: 'node1', status, ...params });
    const { title, happened, remedy, command = '' } = describeError(error);
    const shown = [title, happened, remedy, command].join(' ');
    expect(shown).not.toMatch(/rpc error|desc =|undefined|\[object/);
  });

  it('is one clean line without secrets', () => {
    const text = `rpc error: code = Unknown desc = bad\n\ttoken SWMTKN-1-${'a'.repeat(50)}-${'b'.repeat(25)} \u001b[31m`;
    expect(daemonWords(text)).toBe('bad token SWMTKN-… [31m');
    expect(daemonWords('x'.repeat(1000))).toHaveLength(400);
    expect(daemonWords(`${'x'.repeat(360)} https://user:${'S3cret'.repeat(9)}@registry/v2`)).not.toContain('S3cret');
  });
});

describe('a broken stream', () => {
  it.each(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_CONSTANT'])(
    '%s is a lost link',
    (code) => {
      const broken = Object.assign(new Error('read failed'), { code });
      expect(translate(broken, { action: 'info', host: 'node1' })).toMatchObject({
        reason: 'linkLost',
        params: { host: 'node1' },
      });
    },
  );

  it('keeps what the link itself says, with the host', () => {
    const denied = anyError('dockerPermissionDenied', { user: 'deploy' });
    expect(translate(denied, { action: 'info', host: 'node1' })).toMatchObject({
      reason: 'dockerPermissionDenied',
      params: { user: 'deploy', host: 'node1' },
    });
  });

  it('does not hide a fault of ours', () => {
    expect(translate(new TypeError('x is not a function'), { action: 'info', host: 'node1' }).reason).toBe(
      'unexpected',
    );
  });
});
