import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Network } from '../../src/model/engine/records';
import type { HostConfig, SshTransportChoice } from '../../src/model/host/host';
import { hostWatchScript } from '../../src/verify/proof/watch/script';
import { verifyHosts } from '../../src/ui/verification/verifyHosts';
import type { ConnectedHost } from '../../src/probe/connectedHost';
import { Lab, type LabHost } from '../lab/lab';
import { proofVerdicts, prove } from './proofSupport';
import { ConnectionKit } from './support/connectionKit';
import { freshPort, knownHosts, sshConfig } from './support/connectionSsh';
import { SwarmKit } from './support/swarmKit';
import { formSwarm, probesLeft, type TestSwarm } from './verifySupport';

const nowhere = 'nobody-has-this:1';
const pairs = (word: string) => [`host1>host2: ${word}`, `host2>host1: ${word}`];

/** Hosts that have no image for a helper, and engines reached over real SSH: the programs of the hosts themselves watch. */
describe('a proof of encryption over SSH', () => {
  let lab: Lab;
  let swarm: TestSwarm;
  let plain: Network;
  let connections: ConnectionKit;
  const cleanUps: (() => unknown)[] = [];

  beforeAll(async () => {
    lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
    await lab.resetSwarms();
    swarm = await formSwarm(lab);
    plain = await swarm.network('plain_net');
  });
  beforeEach(() => {
    connections = new ConnectionKit();
  });
  afterEach(async () => {
    connections.dispose();
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  afterAll(async () => {
    swarm.dispose();
    await lab.resetSwarms();
  });

  /** Two hosts of the lab as the window has them, logged in as this user. */
  async function hostsAs(user: string): Promise<ConnectedHost[]> {
    const kit = new SwarmKit(lab, { connector: connections.connector() });
    cleanUps.push(() => kit.dispose());
    const config = ({ name }: LabHost): HostConfig => ({
      name,
      endpoint: { kind: 'ssh', host: name, user },
      endpointText: `ssh://${user}@${name}`,
    });
    const names = ['host1', 'host2'];
    kit.fleet.setHosts(lab.hosts.filter(({ name }) => names.includes(name)).map(config), []);
    await Promise.all(names.map((name) => kit.fleet.connect(name)));
    const cluster = await kit.until('the swarm', ({ clusters }) => clusters[0]?.hosts.length === 2 && clusters[0]);
    return verifyHosts(kit.fleet, cluster, undefined);
  }

  /** Commands of captures that run on the hosts. */
  const capturing = async (): Promise<string[]> => {
    const lists = await Promise.all(lab.hosts.map((host) => host.exec(['pgrep', '-ax', 'tcpdump|timeout'])));
    return lists.flatMap(({ stdout }) => stdout.split('\n').filter(Boolean));
  };

  async function untilNothingCaptures(): Promise<void> {
    // Each host notices by itself that the session has gone.
    for (let left = 100; left > 0 && (await capturing()).length > 0; left -= 1) await sleep(200);
    expect(await capturing()).toEqual([]);
  }

  it('sees a plain network in the clear by the tcpdump of the hosts, and leaves nothing running', async () => {
    const hosts = await hostsAs('root');
    let seen: string[] = [];
    const report = await prove(swarm, plain, {
      hosts,
      helperImage: nowhere,
      onEvent: (event) => {
        if (event.kind === 'stage' && event.words.startsWith('Exchanging'))
          void capturing().then((all) => (seen = all));
      },
    });
    expect(report.hosts).toEqual([
      { host: 'host1', by: 'ssh' },
      { host: 'host2', by: 'ssh' },
    ]);
    expect(proofVerdicts(report)).toEqual(pairs('plaintext'));
    for (const pair of report.pairs) {
      expect(pair.pings).toEqual({ sent: 3, answered: 3 });
      expect(pair.plaintext.sent).toBeGreaterThanOrEqual(6);
      expect(pair.plaintext.arrived).toBeGreaterThanOrEqual(6);
      // What is told after the capture came, too.
      expect(pair.associations).toEqual({ outbound: false, inbound: false });
    }
    expect(report.findings).toEqual([]);
    expect(report.cleanUp).toEqual({ removed: 2, left: [] });
    // Else an empty list at the end would prove nothing.
    expect(seen.filter((line) => line.includes('tcpdump -Z root'))).not.toEqual([]);
    expect(await capturing()).toEqual([]);
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('says why neither way is open to a user who is not root', async () => {
    const report = await prove(swarm, plain, { hosts: await hostsAs('deploy'), helperImage: nowhere });
    expect(report.hosts).toEqual(
      ['host1', 'host2'].map((host) => ({
        host,
        problem: `${host} has no image ${nowhere}, and over SSH: deploy is not root and may not use sudo without a password.`,
      })),
    );
    expect(proofVerdicts(report)).toEqual(pairs('cannotTell'));
    expect(report.findings?.map((finding) => finding.rule)).toEqual(['not-looked-at']);
    expect(report.findings?.[0]?.remedy.text).toContain('tcpdump');
  });

  it.each(['Exchanging', 'Reading'])('ends the captures when it is cancelled at "%s"', async (moment) => {
    const controller = new AbortController();
    const report = await prove(swarm, plain, {
      hosts: await hostsAs('root'),
      helperImage: nowhere,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === 'stage' && event.words.startsWith(moment)) controller.abort();
      },
    });
    expect(report.outcome).toBe('cancelled');
    await untilNothingCaptures();
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it.each<SshTransportChoice>(['streamlocal', 'systemSsh'])(
    'ends a capture when its link (%s) breaks',
    async (transport) => {
      const endpoint = { kind: 'ssh', host: 'host1', user: 'root' } as const;
      const link = await connections.connect(endpoint, { transport });
      await new Promise<void>((resolve, reject) => {
        const onStdout = (chunk: Buffer) => {
          if (chunk.toString().includes('listening on')) resolve();
        };
        const command = `sh -c '${script().replaceAll("'", `'\\''`)}'`;
        link.runCommand?.(command, { onStdout, endOfInput: new Promise(() => undefined) }).catch(reject);
      });
      expect(await capturing()).not.toEqual([]);
      link.dispose();
      await untilNothingCaptures();
    },
  );

  it.each<SshTransportChoice>(['streamlocal', 'systemSsh'])('tells how a command ended, by %s', async (transport) => {
    const link = await connections.connect({ kind: 'ssh', host: 'host1' }, { transport });
    let out = '';
    const onStdout = (chunk: Buffer) => void (out += chunk.toString());
    expect(await link.runCommand?.('cat; echo out; echo oh >&2; exit 3', { onStdout })).toEqual({
      exitCode: 3,
      stderr: 'oh\n',
    });
    expect(out).toBe('out\n');
    await expect(link.runCommand?.('sleep 60', { onStdout, signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
      reason: 'cancelled',
    });
  });

  it('says so when the server allows no further session', async () => {
    const [host] = lab.hosts as [LabHost, ...LabHost[]];
    const port = freshPort();
    const sshd = await host.startSshd({ port, options: { MaxSessions: '0' } });
    cleanUps.push(() => sshd.stop());
    const config = sshConfig(connections.dir, {
      HostName: host.address,
      Port: port,
      User: 'deploy',
      UserKnownHostsFile: knownHosts(connections.path('known'), host, ['ed25519'], port),
      IdentityFile: '~/.ssh/id_ed25519',
    });
    const link = await connections.connect('ssh://target', { sshConfig: config });
    expect(link.info.description).toContain('streamlocal');
    await expect(link.runCommand?.('true', { onStdout: () => undefined })).rejects.toMatchObject({
      reason: 'sshSessionRefused',
    });
  });
});

const script = () => hostWatchScript({ vnis: [4097], dataPathPort: 4789 }, 120);
