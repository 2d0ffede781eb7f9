import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { OverlayError } from '../../src/base/errors';
import type { Lab, LabHost } from '../lab/lab';
import { deployPassword } from '../lab/users';
import { connectionKitForEach } from './support/connectionHooks';
import { type ConnectionKit, engineAgent, failureOf, getText, person } from './support/connectionKit';
import { freshPort, knownHosts } from './support/connectionSsh';

describe('jump hosts (integration)', () => {
  let lab: Lab;
  let bastion: LabHost;
  let inner: LabHost;
  let kit: ConnectionKit;
  const cleanUps = connectionKitForEach((one, of) => {
    kit = one;
    lab = of;
    [bastion, inner] = lab.hosts as [LabHost, LabHost];
  });

  function config(known: readonly LabHost[], extra = '', bastionLines = ''): string {
    const files = known.map((host) => readFileSync(knownHosts(kit.path('one'), host, ['ed25519'], 22), 'utf8'));
    writeFileSync(kit.path('known_hosts'), files.join(''));
    writeFileSync(
      kit.path('config'),
      `Host bastion
  HostName ${bastion.address}
${bastionLines}
Host target
  HostName ${inner.address}
  ProxyJump bastion
${extra}
Host *
  User deploy
  IdentityFile ~/.ssh/id_ed25519
  UserKnownHostsFile ${kit.path('known_hosts')}
  GlobalKnownHostsFile /dev/null
  HashKnownHosts no
`,
    );
    return kit.path('config');
  }

  it('reaches a host through another', async () => {
    const sshConfig = config([bastion, inner]);
    const before = inner.sshd.log().length;
    const transport = await kit.connect('target', { sshConfig });
    expect(transport.info.description).toBe(`ssh2 + streamlocal to deploy@${inner.address}:22 via bastion`);
    expect(inner.sshd.log().slice(before)).toContain(`Accepted publickey for deploy from ${bastion.address}`);
    const agent = engineAgent(transport);
    const answers = await Promise.all(Array.from({ length: 10 }, () => getText(agent, '/info')));
    expect(answers.map((answer) => (JSON.parse(answer.body) as { Name: string }).Name)).toEqual(
      Array.from({ length: 10 }, () => inner.name),
    );
    agent.destroy();
  });

  it('goes over two jump hosts, as a list and as a chain', async () => {
    const [, , last] = lab.hosts as [LabHost, LabHost, LabHost];
    const far = (jump: string) => `Host far\n  HostName ${last.address}\n  ProxyJump ${jump}`;
    for (const jump of ['bastion,deploy@' + inner.address, 'target']) {
      const sshConfig = config([bastion, inner, last], far(jump));
      const before = last.sshd.log().length;
      const agent = engineAgent(await kit.connect('far', { sshConfig }));
      expect((JSON.parse((await getText(agent, '/info')).body) as { Name: string }).Name).toBe(last.name);
      expect(last.sshd.log().slice(before)).toContain(`Accepted publickey for deploy from ${inner.address}`);
    }
  });

  it('puts in the tokens of ProxyJump', async () => {
    const far = `Host far\n  HostName ${inner.address}\n  ProxyJump %r@${bastion.address}`;
    const transport = await kit.connect('far', { sshConfig: config([bastion, inner], far) });
    // `ssh -G` prints numeric addresses in brackets.
    expect(transport.info.description.replace(/[[\]]/g, '')).toContain(`via deploy@${bastion.address}`);
  });

  it('asks for the key of each hop', async () => {
    const sshConfig = config([]);
    const user = person({ trust: true });
    await kit.connect('target', { sshConfig, person: user });
    expect(user.asked.hostKeys.map((key) => [key.address, key.fingerprint])).toEqual([
      [bastion.address, bastion.hostKeyFingerprint('ed25519')],
      [inner.address, inner.hostKeyFingerprint('ed25519')],
    ]);
  });

  it('refuses a changed key of the host behind', async () => {
    const sshConfig = config([bastion]);
    appendFileSync(kit.path('known_hosts'), `${inner.address} ${bastion.publicHostKey('ed25519')}\n`);
    const error = await failureOf(kit.connect('target', { sshConfig, person: person({ trust: true }) }));
    expect(error).toMatchObject({ reason: 'hostKeyChanged', params: { address: inner.address } });
  });

  it('names the jump host that refuses the login', async () => {
    const sshConfig = config([bastion, inner], '', '  User nobody-here');
    const error = await failureOf(kit.connect('target', { sshConfig }));
    expect(error).toMatchObject({ reason: 'authenticationFailed', params: { user: 'nobody-here' } });
  });

  it('names an address behind that refuses', async () => {
    const sshConfig = config([bastion, inner], '  Port 9');
    const error = await failureOf(kit.connect('target', { sshConfig }));
    expect(error).toMatchObject({ reason: 'connectionRefused', params: { address: `${inner.address}:9` } });
  });

  it('notices jump hosts that name each other', async () => {
    const sshConfig = config([bastion, inner], '', '  ProxyJump target');
    const error = await failureOf(kit.connect('target', { sshConfig }));
    expect(error).toMatchObject({ reason: 'sshConfigInvalid' });
    expect((error as OverlayError).params.message).toContain('circles');
  });

  it('is lost with its jump host', async () => {
    const port = freshPort();
    const sshd = await bastion.startSshd({ port });
    cleanUps.push(() => sshd.stop());
    const sshConfig = config([inner], '', `  Port ${port}`);
    appendFileSync(kit.path('known_hosts'), readFileSync(knownHosts(kit.path('one'), bastion, ['ed25519'], port)));
    const transport = await kit.connect('target', { sshConfig });
    const closed = new Promise<OverlayError>((resolve) => void transport.onDidClose(resolve));
    await sshd.stop();
    expect(await closed).toMatchObject({ reason: 'linkLost' });
  });

  it('goes through a ProxyCommand', async () => {
    const proxy = 'ssh -q -F none -i ~/.ssh/id_ed25519 -o StrictHostKeyChecking=no -W %h:%p deploy@';
    const sshConfig = config([inner]);
    const text = readFileSync(sshConfig, 'utf8').replace(
      'ProxyJump bastion',
      `ProxyCommand ${proxy}${bastion.address}`,
    );
    writeFileSync(sshConfig, text);
    const before = inner.sshd.log().length;
    const transport = await kit.connect('target', { sshConfig });
    expect(inner.sshd.log().slice(before)).toContain(`Accepted publickey for deploy from ${bastion.address}`);
    const agent = engineAgent(transport);
    expect((await getText(agent, '/_ping')).body).toBe('OK');
    agent.destroy();
  });

  it('takes a ProxyCommand that is a jump for one, which can ask', async () => {
    const port = freshPort();
    const sshd = await bastion.startSshd({ port, options: { AuthenticationMethods: 'password' } });
    cleanUps.push(() => sshd.stop());
    const sshConfig = config([], '', `  Port ${port}`);
    const proxy = `ProxyCommand ssh -q -F ${sshConfig} -W %h:%p bastion`;
    writeFileSync(sshConfig, readFileSync(sshConfig, 'utf8').replace('ProxyJump bastion', proxy));
    const user = person({ trust: true, passwords: [deployPassword] });
    const transport = await kit.connect('target', { sshConfig, person: user });
    expect(transport.info.description).toBe(`ssh2 + streamlocal to deploy@${inner.address}:22 via bastion`);
    expect(user.asked.hostKeys.map((key) => key.address)).toEqual([`[${bastion.address}]:${port}`, inner.address]);
    expect(user.asked.passwords).toHaveLength(1);
  });

  it('says where an ssh in a ProxyCommand would have to ask', async () => {
    const port = freshPort();
    const sshd = await bastion.startSshd({ port, options: { AuthenticationMethods: 'password' } });
    cleanUps.push(() => sshd.stop());
    const sshConfig = config([inner]);
    const proxy = `ssh -F none -p ${port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -W %h:%p deploy@${bastion.address}`;
    writeFileSync(sshConfig, readFileSync(sshConfig, 'utf8').replace('ProxyJump bastion', `ProxyCommand ${proxy}`));
    const began = performance.now();
    const error = await failureOf(
      kit.connect('target', { sshConfig, person: person({ passwords: [deployPassword] }) }),
    );
    expect((error as OverlayError).params.message).toContain('an ssh inside a ProxyCommand cannot ask you');
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('tells a ProxyCommand that ends, with its words', async () => {
    const sshConfig = config([inner]);
    const text = readFileSync(sshConfig, 'utf8').replace(
      'ProxyJump bastion',
      'ProxyCommand sh -c "echo no way >&2; exit 3"',
    );
    writeFileSync(sshConfig, text);
    const error = await failureOf(kit.connect('target', { sshConfig }));
    expect(error).toMatchObject({ reason: 'sshProtocol' });
    expect((error as OverlayError).params.message).toMatch(/ended with code 3: no way/);
  });
});
