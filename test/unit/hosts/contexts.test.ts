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
    expect(await readContext('t', env)).toEqual({
      kind: 'tcp',
      host: 'h',
      port: 2376,
      tls: { ca: 'CA', skipVerify: true },
    });
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
