import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listContexts, readContext } from '../../../src/hosts/contexts';
import { watchContexts } from '../../../src/hosts/watchContexts';

describe('the Docker context store', () => {
  let dir: string;
  let env: Record<string, string | undefined>;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'contexts-'));
    env = { DOCKER_CONFIG: dir, HOME: dir };
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const sha = (name: string) => createHash('sha256').update(name).digest('hex');

  function put(name: string, meta: unknown, folder = sha(name)): string {
    const path = join(dir, 'contexts/meta', folder);
    mkdirSync(path, { recursive: true });
    const file = join(path, 'meta.json');
    writeFileSync(file, typeof meta === 'string' ? meta : JSON.stringify(meta));
    return file;
  }

  const withHost = (name: string, host: string, more: object = {}) => ({
    Name: name,
    Metadata: { Description: 'mine' },
    Endpoints: { docker: { Host: host, SkipTLSVerify: false, ...more } },
  });

  it('reads endpoints of each kind', async () => {
    put('a', withHost('a', 'ssh://deploy@h:2222'));
    put('b', withHost('b', 'unix:///x.sock'));
    put('c', withHost('c', 'tcp://h:2375'));
    put('d', withHost('d', 'npipe:////./pipe/docker_engine'));
    expect(await readContext('a', env)).toEqual({ kind: 'ssh', host: 'h', user: 'deploy', port: 2222 });
    expect(await readContext('b', env)).toEqual({ kind: 'socket', path: '/x.sock' });
    expect(await readContext('c', env)).toEqual({ kind: 'tcp', host: 'h', port: 2375 });
    expect(await readContext('d', env)).toEqual({ kind: 'pipe', path: '\\\\.\\pipe\\docker_engine' });
  });

  it('reads the TLS files beside it', async () => {
    put('t', withHost('t', 'tcp://h:2376', { SkipTLSVerify: true }));
    const tls = join(dir, 'contexts/tls', sha('t'), 'docker');
    mkdirSync(tls, { recursive: true });
    writeFileSync(join(tls, 'ca.pem'), 'CA');
    // Nobody reads the key to list names: this one would never end.
    execFileSync('mkfifo', [join(tls, 'key.pem')]);
    const endpoint = {
      kind: 'tcp',
      host: 'h',
      port: 2376,
      tls: { ca: join(tls, 'ca.pem'), key: join(tls, 'key.pem'), skipVerify: true },
    };
    expect(await readContext('t', env)).toEqual(endpoint);
    expect((await listContexts(env))[1]?.target).toMatchObject({ endpoint });
  });

  it('takes the endpoints that docker takes', async () => {
    const host = async (text: string) => {
      put('x', withHost('x', text));
      return readContext('x', env);
    };
    expect(await host('SSH://me@host')).toEqual({ kind: 'ssh', host: 'host', user: 'me' });
    expect(await host('ssh://box:/Users/u/.orbstack/run/docker.sock')).toEqual({
      kind: 'ssh',
      host: 'box',
      socketPath: '/Users/u/.orbstack/run/docker.sock',
    });
    expect(await host('ssh://CORP%5Cjdoe@host')).toMatchObject({ user: 'CORP\\jdoe' });
    expect(await host('unix:///run/a b$c.sock')).toEqual({ kind: 'socket', path: '/run/a b$c.sock' });
    expect(await host('https://h:1')).toMatchObject({ kind: 'tcp', port: 1, tls: { skipVerify: false } });
    expect(await host('http://h:1')).toEqual({ kind: 'tcp', host: 'h', port: 1 });
    // The client's own default, whatever DOCKER_HOST says.
    env['DOCKER_HOST'] = 'tcp://elsewhere';
    expect(await host('')).toEqual({ kind: 'socket', path: '/var/run/docker.sock' });
  });

  it.each([
    ['host:2375', 'no scheme'],
    ['fd://', 'unknown kind'],
    ['context://other', 'unknown kind'],
    ['ssh://CORP\\jdoe@host', '%5C'],
    ['ssh://-oProxyCommand=x', '"-"'],
  ])('says why %j is no endpoint', async (text, why) => {
    put('x', withHost('x', text));
    await expect(readContext('x', env)).rejects.toMatchObject({
      reason: 'contextInvalid',
      params: { name: 'x', message: expect.stringContaining(why) as string },
    });
  });

  it.each([
    ['h:2375', { kind: 'tcp', host: 'h', port: 2375 }],
    ['h', { kind: 'tcp', host: 'h', port: 2375 }],
    [':2376', { kind: 'tcp', host: 'localhost', port: 2376 }],
    ['tcp://', { kind: 'tcp', host: 'localhost', port: 2375 }],
    ['tcp://h:', { kind: 'tcp', host: 'h', port: 2375 }],
    ['tcp://[::1]:', { kind: 'tcp', host: '::1', port: 2375 }],
    ['unix://', { kind: 'socket', path: '/var/run/docker.sock' }],
    [' ssh://h ', { kind: 'ssh', host: 'h' }],
    ['/run/user/1000/docker.sock', { kind: 'socket', path: '/run/user/1000/docker.sock' }],
  ])('reads DOCKER_HOST=%j as docker does', async (text, expected) => {
    env['DOCKER_HOST'] = text;
    expect(await readContext('default', env)).toEqual(expected);
  });

  it('refuses a DOCKER_HOST that docker refuses, and one whose user it would drop', async () => {
    for (const text of ['https://h:1', 'fd://', 'ssh://u:p@h', 'me@h', 'tcp://h:abc']) {
      env['DOCKER_HOST'] = text;
      await expect(readContext('default', env)).rejects.toMatchObject({ reason: 'contextInvalid' });
    }
  });

  it('takes port 2375 for a DOCKER_HOST without one, also with TLS', async () => {
    Object.assign(env, { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: dir });
    writeFileSync(join(dir, 'ca.pem'), 'CA');
    const tls = { ca: join(dir, 'ca.pem'), skipVerify: false };
    expect(await readContext('default', env)).toEqual({ kind: 'tcp', host: 'h', port: 2375, tls });
  });

  it.each(['../../etc', '', 'a/b', 'a/../b', '..', '.', '-x', 'a\0b', 'a\nb', '$(id)'])(
    'refuses the name %j',
    async (name) => {
      await expect(readContext(name, env)).rejects.toMatchObject({ reason: 'contextInvalid' });
    },
  );

  it('tells a context that is not there', async () => {
    await expect(readContext('none', env)).rejects.toMatchObject({
      reason: 'contextNotFound',
      params: { name: 'none' },
    });
  });

  it('lists the broken ones as broken, and the others', async () => {
    put('good', withHost('good', 'ssh://h'));
    put('json', '{');
    put('empty', { Name: 'empty', Endpoints: {} });
    put('strange', withHost('strange', 'fd://'));
    put('secret', withHost('secret', 'ssh://u:hunter2@h'));
    put('moved', withHost('moved', 'ssh://h'), sha('other'));
    truncateSync(put('big', withHost('big', 'ssh://h')), 50 * 1024 * 1024);
    mkdirSync(join(dir, 'contexts/meta', sha('dir'), 'meta.json'), { recursive: true });
    const list = await listContexts(env);
    const usable = list.filter((context) => context.target.kind === 'usable').map((context) => context.name);
    expect(usable).toEqual(['default', 'good']);
    expect(list).toHaveLength(9);
    const errors = list.flatMap((context) => (context.target.kind === 'broken' ? [context.target.error] : []));
    expect(errors.map((error) => error.reason)).toEqual(Array.from({ length: 7 }, () => 'contextInvalid'));
    expect(errors.map((error) => error.message).join()).not.toContain('hunter2');
  });

  it('goes by DOCKER_HOST, DOCKER_CONTEXT, currentContext, default, in this order', async () => {
    put('a', withHost('a', 'ssh://h'));
    put('b', withHost('b', 'ssh://h'));
    const current = async () => (await listContexts(env)).filter((context) => context.current).map((one) => one.name);
    expect(await current()).toEqual(['default']);
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ currentContext: 'a' }));
    expect(await current()).toEqual(['a']);
    env['DOCKER_CONTEXT'] = 'b';
    expect(await current()).toEqual(['b']);
    env['DOCKER_HOST'] = 'tcp://1.2.3.4:5';
    expect(await current()).toEqual(['default']);
    expect(await readContext('default', env)).toEqual({ kind: 'tcp', host: '1.2.3.4', port: 5 });
    writeFileSync(join(dir, 'config.json'), '{');
    expect(await current()).toEqual(['default']);
  });

  it('names a broken context as far as its name is readable', async () => {
    put('old', { Name: 'old', Endpoints: {} });
    const old = (await listContexts(env)).find((context) => context.name === 'old');
    expect(old?.target).toMatchObject({ kind: 'broken', error: { reason: 'contextInvalid' } });
  });

  /** Longer than changes are gathered. */
  const quiet = () => new Promise((resolve) => setTimeout(resolve, 500));

  it('tells that the folder appears, wherever on the way to it something was missing', async () => {
    const far = join(dir, 'a/b/c');
    mkdirSync(join(dir, 'a'));
    let changes = 0;
    const watching = watchContexts(() => (changes += 1), { DOCKER_CONFIG: far });
    const step = async (act: () => void) => {
      const before = changes;
      act();
      await expect.poll(() => changes, { timeout: 10_000 }).toBeGreaterThan(before);
      await quiet();
    };
    await step(() => mkdirSync(join(dir, 'a/b')));
    await step(() => rmSync(join(dir, 'a/b'), { recursive: true }));
    await step(() => rmSync(join(dir, 'a'), { recursive: true }));
    await step(() => mkdirSync(far, { recursive: true }));
    await step(() => writeFileSync(join(far, 'config.json'), '{}'));
    watching.dispose();
  });

  it('tells changes, also of a store that appears later, until it is disposed', async () => {
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    let changes = 0;
    const watching = watchContexts(() => (changes += 1), env);
    put('a', withHost('a', 'ssh://h'));
    await expect.poll(() => changes, { timeout: 10_000 }).toBeGreaterThan(0);
    const before = changes;
    put('b', withHost('b', 'ssh://h'));
    await expect.poll(() => changes, { timeout: 10_000 }).toBeGreaterThan(before);
    await quiet();
    const settled = changes;
    put('b', withHost('b', 'ssh://other'));
    await expect.poll(() => changes, { timeout: 10_000 }).toBeGreaterThan(settled);
    watching.dispose();
    await quiet();
    const atEnd = changes;
    put('b', withHost('b', 'ssh://h'));
    await quiet();
    expect(changes).toBe(atEnd);
  });
});
