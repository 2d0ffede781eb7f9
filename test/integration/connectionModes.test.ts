import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Lab, LabHost } from '../lab/lab';
import { connectionKitForEach } from './support/connectionHooks';
import { type ConnectionKit, engineAgent, failureOf, getText } from './support/connectionKit';
import { authorizedKeys, freshPort, knownHosts, makeKey, sshConfig } from './support/connectionSsh';

describe('ways to the engine over SSH (integration)', () => {
  let lab: Lab;
  let host: LabHost;
  let kit: ConnectionKit;
  const cleanUps = connectionKitForEach((one, of) => {
    kit = one;
    lab = of;
    host = lab.hosts[0] as LabHost;
  });

  /** An sshd with options, and the configuration to get there. */
  async function door(sshdOptions: Record<string, string>, user = 'deploy', config: Record<string, string> = {}) {
    const port = freshPort();
    const sshd = await host.startSshd({ port, options: sshdOptions });
    cleanUps.push(() => sshd.stop());
    return sshConfig(kit.dir, {
      HostName: host.address,
      Port: port,
      User: user,
      IdentityFile: '~/.ssh/id_ed25519',
      IdentityAgent: 'none',
      UserKnownHostsFile: knownHosts(kit.path('known_hosts'), host, ['ed25519'], port),
      ...config,
    });
  }

  it('answers 30 requests at the same time over one connection', async () => {
    const before = [...host.sshd.log().matchAll(/Accepted publickey for deploy/g)].length;
    const transport = await kit.connect(`deploy@${host.address}`);
    const agent = engineAgent(transport);
    const answers = await Promise.all(Array.from({ length: 30 }, () => getText(agent, '/version')));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 30 }, () => 200));
    expect([...host.sshd.log().matchAll(/Accepted publickey for deploy/g)].length - before).toBe(1);
    agent.destroy();
  });

  it('takes dial-stdio where sockets are not forwarded, and says why', async () => {
    const sshConfigFile = await door({ AllowStreamLocalForwarding: 'no' });
    const transport = await kit.connect('target', { sshConfig: sshConfigFile });
    expect(transport.info.description).toContain('docker system dial-stdio');
    expect(transport.info.because).toContain('/var/run/docker.sock');
    const agent = engineAgent(transport);
    const answers = await Promise.all(Array.from({ length: 30 }, () => getText(agent, '/version')));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    agent.destroy();
  });

  it('works with the least-privilege key that may run dial-stdio only', async () => {
    const key = makeKey(kit.path('key'));
    const line = `restrict,command="docker system dial-stdio" ${readFileSync(`${key}.pub`, 'utf8').trim()}`;
    const file = await authorizedKeys(host, `restricted-${freshPort()}`, [line]);
    const sshConfigFile = await door({ AuthorizedKeysFile: file }, 'deploy', { IdentityFile: key });
    const transport = await kit.connect('target', { sshConfig: sshConfigFile });
    expect(transport.info.description).toContain('docker system dial-stdio');
    const agent = engineAgent(transport);
    expect((await getText(agent, '/_ping')).body).toBe('OK');
    agent.destroy();
  });

  it('learns how many sessions the server allows and lets the others wait', async () => {
    const sshConfigFile = await door({ AllowStreamLocalForwarding: 'no', MaxSessions: '2' });
    const transport = await kit.connect('target', { sshConfig: sshConfigFile });
    const agent = engineAgent(transport, { keepAlive: false });
    const answers = await Promise.all(Array.from({ length: 12 }, () => getText(agent, '/version')));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(transport.maxStreams).toBeLessThanOrEqual(6);
    // A stream that stays open leaves the other session to the rest.
    const held = await transport.openEngineStream();
    expect((await getText(agent, '/_ping')).body).toBe('OK');
    held.destroy();
    agent.destroy();
  });

  it('lets an aborted request leave the queue', async () => {
    const sshConfigFile = await door({ AllowStreamLocalForwarding: 'no', MaxSessions: '1' });
    const transport = await kit.connect('target', { sshConfig: sshConfigFile });
    const held = await transport.openEngineStream();
    const controller = new AbortController();
    const waiting = transport.openEngineStream(controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ reason: 'cancelled' });
    const next = transport.openEngineStream();
    held.destroy();
    (await next).destroy();
  });

  it('reports at connect that the user may not use Docker', async () => {
    const error = await failureOf(kit.connect(`guest@${host.address}`));
    expect(error).toMatchObject({
      reason: 'dockerPermissionDenied',
      params: { host: 'node', user: 'guest', path: '/var/run/docker.sock' },
    });
  });

  it('reports at connect that no engine listens at the socket named', async () => {
    const error = await failureOf(kit.connect(`ssh://deploy@${host.address}/run/none.sock`));
    expect(error).toMatchObject({ reason: 'dockerSocketMissing', params: { path: '/run/none.sock' } });
  });

  it('reaches the engine at the socket named', async () => {
    const transport = await kit.connect(`ssh://deploy@${host.address}/run/docker.sock`);
    const agent = engineAgent(transport);
    expect((await getText(agent, '/_ping')).body).toBe('OK');
    agent.destroy();
  });

  it('reports at connect that there is neither forwarding nor a docker command', async () => {
    const sshConfigFile = await door({ AllowStreamLocalForwarding: 'no', SetEnv: 'PATH=/nowhere' });
    const error = await failureOf(kit.connect('target', { sshConfig: sshConfigFile }));
    expect(error).toMatchObject({ reason: 'dockerCliMissing', params: { user: 'deploy' } });
  });

  it('finds the missing permission also without a docker command', async () => {
    const sshConfigFile = await door({ SetEnv: 'PATH=/nowhere' }, 'guest');
    const error = await failureOf(kit.connect('target', { sshConfig: sshConfigFile }));
    expect(error).toMatchObject({ reason: 'dockerPermissionDenied', params: { user: 'guest' } });
  });

  it('finds the missing socket also without a docker command', async () => {
    const sshConfigFile = await door({ SetEnv: 'PATH=/nowhere' });
    const error = await failureOf(kit.connect('ssh://target/run/none.sock', { sshConfig: sshConfigFile }));
    expect(error).toMatchObject({ reason: 'dockerSocketMissing', params: { path: '/run/none.sock' } });
  });

  it('follows a long answer through backpressure', async () => {
    const transport = await kit.connect(`deploy@${host.address}`);
    const stream = await transport.openEngineStream();
    stream.write('GET /images/alpine:latest/get HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n');
    let size = 0;
    for await (const chunk of stream) {
      size += (chunk as Buffer).length;
      // A reader slower than the network.
      if (size % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(size).toBeGreaterThan(500_000);
  });
});
