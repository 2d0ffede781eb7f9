import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { changeEntries, configOf } from '../../../src/ui/hosts/hostEntries';
import { fingerprint, hostsToReconnect } from '../../../src/ui/hosts/contextStore';
import { folderRows } from '../../../src/ui/hosts/commands/askFolder';
import { terminalCommand } from '../../../src/ui/hosts/commands/terminalCommand';
import { failed, host, ready } from './topologies';

// The picks' texts are pure; only their module names VS Code.
vi.mock('vscode', () => ({}));

describe('entries of the setting', () => {
  const entries = [
    { name: 'a', endpoint: 'ssh://a', note: 'mine', folder: 'x' },
    'nonsense',
    { name: 'b', endpoint: 'tcp://b:2376', tls: true },
    { name: 'c', endpoint: 'ssh://c', transport: 'dialStdio' },
  ];

  test('keep what is not changed, also what is not known, and other entries whatever they are', () => {
    expect(changeEntries(entries, ['a'], { folder: 'y' })).toEqual([
      { ...(entries[0] as object), folder: 'y' },
      ...entries.slice(1),
    ]);
  });

  test('lose what is made empty', () => {
    expect(changeEntries(entries, ['a'], { folder: '', transport: '' })[0]).toEqual({
      name: 'a',
      endpoint: 'ssh://a',
      note: 'mine',
    });
  });

  test('lose certificates and ways that the new endpoint has no use for', () => {
    expect(changeEntries(entries, ['b'], { endpoint: 'ssh://b' })[2]).toEqual({ name: 'b', endpoint: 'ssh://b' });
    expect(changeEntries(entries, ['b'], { endpoint: 'tcp://b:1' })[2]).toMatchObject({ tls: true });
    expect(changeEntries(entries, ['c'], { endpoint: 'unix:///x' })[3]).toEqual({ name: 'c', endpoint: 'unix:///x' });
  });

  test('become a host, or say what is wrong', () => {
    expect(configOf(entries[3] as object)).toMatchObject({ name: 'c', transport: 'dialStdio' });
    expect(() => configOf({ name: 'x', endpoint: 'ssh://u:secret@h' })).toThrow(/hostConfigInvalid/);
  });
});

describe('hosts of Docker contexts', () => {
  const viaContext = (name: string, state: Parameters<typeof host>[1]) => {
    const view = host(name, state);
    return { ...view, config: { ...view.config, endpoint: { kind: 'context' as const, name: 'prod' } } };
  };
  const before = new Map([['prod', 'one']]);

  test('are connected anew when their context says something else', () => {
    const views = [viaContext('up', ready()), viaContext('down', failed('contextNotFound')), host('other', ready())];
    expect(hostsToReconnect(views, before, new Map([['prod', 'two']]))).toEqual(['up', 'down']);
    expect(hostsToReconnect(views, before, new Map([['prod', 'one']]))).toEqual([]);
  });

  test('have one that says something else when its certificates are others', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'context-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const env = { DOCKER_CONFIG: dir, DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1' };
    const readings: string[] = [];
    for (const key of ['one', 'two', 'one']) {
      writeFileSync(join(dir, 'key.pem'), key);
      readings.push(await fingerprint('default', env));
    }
    mkdirSync(join(dir, 'cert.pem'));
    readings.push(await fingerprint('default', env));
    expect(readings[2]).toBe(readings[0]);
    expect(new Set(readings).size).toBe(3);
  });

  test('stay as they are when the person disconnected them, or the context is broken now', () => {
    const changed = new Map([['prod', 'two']]);
    expect(hostsToReconnect([viaContext('a', { kind: 'idle' })], before, changed)).toEqual([]);
    expect(hostsToReconnect([viaContext('a', ready())], before, new Map([['prod', 'failed x']]))).toEqual([]);
  });
});

describe('a terminal on a host', () => {
  const ssh = { program: 'ssh', configFile: '~/my config' };

  test('is the person’s ssh, the host after -- where it is no option', () => {
    const endpoint = { kind: 'ssh', host: 'node1', user: 'deploy', port: 2222 } as const;
    expect(terminalCommand(endpoint, ssh, { HOME: '/home/me' })).toEqual({
      kind: 'ssh',
      program: 'ssh',
      args: ['-F', '/home/me/my config', '-l', 'deploy', '-p', '2222', '--', 'node1'],
    });
    expect(terminalCommand({ kind: 'ssh', host: 'node1' }, { program: '/opt/ssh' }, {})).toEqual({
      kind: 'ssh',
      program: '/opt/ssh',
      args: ['--', 'node1'],
    });
  });

  test('is a local one for a local engine, and none over TCP', () => {
    expect(terminalCommand({ kind: 'socket', path: '/x' }, ssh, {})).toEqual({ kind: 'local' });
    expect(terminalCommand({ kind: 'tcp', host: 'h', port: 1 }, ssh, {})).toMatchObject({ kind: 'none' });
  });
});

describe('the folder pick', () => {
  const folders = [
    { name: 'zone a', hosts: 2 },
    { name: 'zone b', hosts: 1 },
  ];
  const labels = (current: string | undefined, typed: string) =>
    folderRows({ title: '', folders, ...(current === undefined ? {} : { current }) }, typed).map((row) => row.label);

  test('has the folder of now first and makes new ones of what is typed', () => {
    expect(labels('zone b', '')).toEqual(['zone b', 'zone a', 'No folder']);
    expect(labels('', '')).toEqual(['No folder', 'zone a', 'zone b']);
    expect(labels(undefined, 'zone a')).toEqual(['zone a', 'zone b', 'No folder']);
    expect(labels(undefined, 'zone c')).toEqual(['zone a', 'zone b', 'No folder', 'New folder "zone c"']);
  });
});
