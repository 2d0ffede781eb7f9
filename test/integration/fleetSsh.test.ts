import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe as suite, expect, it } from 'vitest';
import { describeError } from '../../src/base/errors';
import type { HostConfig, HostState } from '../../src/model/host/host';
import type { SshdHandle } from '../lab/host';
import type { Lab, LabHost } from '../lab/lab';
import { deployPassword } from '../lab/users';
import { ConnectionKit, person, type Person } from './support/connectionKit';
import { attachLab, authorizedKeys, freshPort, knownHosts, makeKey } from './support/connectionSsh';
import { SwarmKit } from './support/swarmKit';

/** What happens to hosts of a fleet when their SSH servers go away and come back. No test here asks for a reconnect. */
suite('fleet over SSH (integration)', () => {
  let lab: Lab;
  let host: LabHost;
  let kit: ConnectionKit;
  let swarm: SwarmKit | undefined;
  const cleanUps: (() => unknown)[] = [];

  beforeAll(async () => {
    lab = await attachLab();
    host = lab.hosts[0] as LabHost;
  });
  beforeEach(() => {
    kit = new ConnectionKit();
  });
  afterEach(async () => {
    swarm?.dispose();
    swarm = undefined;
    kit.dispose();
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  /** An SSH server of the test's own that an alias leads to. */
  interface Door {
    readonly alias: string;
    readonly port: number;
    readonly sshd: SshdHandle;
    readonly config: string;
  }

  /** @param key lets this key in; without one, only a password does. */
  async function door(alias: string, key?: string, more: Record<string, string> = {}): Promise<Door> {
    const port = freshPort();
    const lines = key === undefined ? [] : [readFileSync(`${key}.pub`, 'utf8').trim()];
    const file = await authorizedKeys(host, String(port), lines);
    const options = { AuthorizedKeysFile: file, PasswordAuthentication: key === undefined ? 'yes' : 'no', ...more };
    const sshd = await host.startSshd({ port, options });
    cleanUps.push(() => sshd.stop());
    const config = [
      `Host ${alias}`,
      `  HostName ${host.address}`,
      `  Port ${port}`,
      '  User deploy',
      '  IdentityAgent none',
      '  IdentitiesOnly yes',
      `  IdentityFile ${key ?? kit.path('none')}`,
      `  UserKnownHostsFile ${knownHosts(kit.path(`known-${alias}`), host, ['ed25519'], port)}`,
      '',
    ].join('\n');
    return { alias, port, sshd, config };
  }

  /** A fleet with a host for each door, all of them connected by the person. */
  async function fleetOf(doors: readonly Door[], asked: Person): Promise<SwarmKit> {
    const sshConfig = kit.path('config');
    writeFileSync(sshConfig, doors.map((one) => one.config).join('\n'), { mode: 0o600 });
    const made = new SwarmKit(lab, { connector: kit.connector({ sshConfig, person: asked }) });
    swarm = made;
    const configs = doors.map(({ alias }): HostConfig => ({
      name: alias,
      endpoint: { kind: 'ssh', host: alias },
      endpointText: `ssh://${alias}`,
    }));
    made.fleet.setHosts(configs, []);
    await Promise.all(doors.map(({ alias }) => made.fleet.connect(alias)));
    return made;
  }

  const kindOf = (fleet: SwarmKit, name: string) => fleet.host(name).state.kind;
  const failureOf = (fleet: SwarmKit, name: string): (HostState & { kind: 'failed' }) | undefined => {
    const { state } = fleet.host(name);
    return state.kind === 'failed' ? state : undefined;
  };

  it('comes back by itself after sshd was killed, whatever the login; a person is asked once', async () => {
    const plain = makeKey(kit.path('plain'));
    const locked = makeKey(kit.path('locked'), { passphrase: 'open sesame' });
    const pam = { KbdInteractiveAuthentication: 'yes', PasswordAuthentication: 'no', UsePAM: 'yes' };
    const doors = [
      await door('plain', plain),
      await door('locked', locked),
      await door('word'),
      await door('pam', undefined, pam),
    ];
    const asked = person({ passphrases: ['open sesame'], passwords: [deployPassword, deployPassword] });
    const fleet = await fleetOf(doors, asked);
    for (const round of ['first', 'second']) {
      for (const { sshd } of doors) await sshd.daemon.kill();
      for (const { alias } of doors) {
        const state = await fleet.until(`${alias} failed, ${round} time`, () => failureOf(fleet, alias));
        expect(state).toMatchObject({ lastSnapshot: { info: { hostname: host.name } } });
        expect(state.retryAt).toBeDefined();
      }
      for (const { sshd } of doors) await sshd.daemon.start();
      for (const { alias } of doors) await fleet.until(`${alias} back`, () => kindOf(fleet, alias) === 'ready');
    }
    expect(asked.asked.passphrases).toHaveLength(1);
    // One for each account.
    expect(asked.asked.passwords).toHaveLength(2);
    expect(asked.asked.hostKeys).toEqual([]);
    expect(`${kit.logged.join('\n')} ${fleet.logged.join('\n')}`).not.toMatch(/open sesame|deploy-pass/);
  });

  it('asks once for hosts that log in to one account with one password at the same time', async () => {
    const { config, alias, sshd, port } = await door('one');
    const twin: Door = { alias: 'two', port, sshd, config: config.replace(`Host ${alias}`, 'Host two') };
    const asked = person({ passwords: [deployPassword] });
    await fleetOf([{ alias, port, sshd, config }, twin], asked);
    expect(asked.asked.passwords).toHaveLength(1);
  });

  it('waits for the person when the password was changed meanwhile, and tries nothing more by itself', async () => {
    const opened = await door('word');
    const asked = person({ passwords: [deployPassword, 'another one'] });
    const fleet = await fleetOf([opened], asked);
    await opened.sshd.daemon.kill();
    const hash = execFileSync('openssl', ['passwd', '-6', 'another one'], { encoding: 'utf8' }).trim();
    const before = await host.execOk(['sh', '-c', "grep '^deploy:' /etc/shadow | cut -d: -f2"]);
    await setHash(hash);
    cleanUps.push(() => setHash(before.trim()));
    await opened.sshd.daemon.start();
    const state = await fleet.until('the question', () => {
      const failed = failureOf(fleet, 'word');
      return failed?.error.reason === 'interactionNeeded' ? failed : undefined;
    });
    expect(describeError(state.error).title).toBe('Waits for you: the password of deploy');
    expect(state).toMatchObject({ retryAt: undefined, lastSnapshot: { info: { hostname: host.name } } });
    expect(asked.asked.passwords).toHaveLength(1);
    await fleet.fleet.connect('word');
    expect(asked.asked.passwords).toHaveLength(2);
    expect(kindOf(fleet, 'word')).toBe('ready');
  });

  const setHash = (hash: string) => host.execOk(['sed', '-i', `s|^deploy:[^:]*:|deploy:${hash}:|`, '/etc/shadow']);

  it('reports a frozen sshd within 15 s, and is back after the thaw', async () => {
    const opened = await door('plain', makeKey(kit.path('plain')));
    const fleet = await fleetOf([opened], person());
    await opened.sshd.daemon.freeze();
    cleanUps.push(() => opened.sshd.daemon.thaw());
    const frozenAt = Date.now();
    const state = await fleet.until('the loss', () => failureOf(fleet, 'plain'));
    // What a person is promised.
    expect(Date.now() - frozenAt).toBeLessThan(15_000);
    expect(state).toMatchObject({ lastSnapshot: { info: { hostname: host.name } } });
    expect(state.retryAt).toBeDefined();
    await opened.sshd.daemon.thaw();
    await fleet.until('its return', () => kindOf(fleet, 'plain') === 'ready');
  });

  it('stays away, without trying again, from a server that came back with another host key', async () => {
    const key = makeKey(kit.path('plain'));
    const opened = await door('plain', key);
    const fleet = await fleetOf([opened], person({ trust: true }));
    await opened.sshd.stop();
    const otherKey = `/etc/ssh/other-${opened.port}`;
    await host.execOk(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', otherKey]);
    const options = {
      AuthorizedKeysFile: `/etc/ssh/authorized-${opened.port}`,
      HostKey: otherKey,
      LogLevel: 'VERBOSE',
    };
    const imposter = await host.startSshd({ port: opened.port, options });
    cleanUps.push(() => imposter.stop());
    const state = await fleet.until('the changed key', () => {
      const failed = failureOf(fleet, 'plain');
      return failed?.error.reason === 'hostKeyChanged' ? failed : undefined;
    });
    expect(state.retryAt).toBeUndefined();
    expect(state.lastSnapshot?.info.hostname).toBe(host.name);
    const visits = () => imposter.log().split('Connection from').length;
    const before = visits();
    // Several of the first waiting times.
    await sleep(5_000);
    expect(failureOf(fleet, 'plain')?.error.reason).toBe('hostKeyChanged');
    expect(visits()).toBe(before);
  });
});
