import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { createLogger, silentLogger } from '../../../src/base/logger';
import { redact, Secret } from '../../../src/base/text/redact';
import { cpuMs } from '../support/cpu';

const token = `SWMTKN-1-${'a1'.repeat(25)}-${'b2'.repeat(12)}c`;
const unlockKey = `SWMKEY-1-${'Ab+/'.repeat(10)}abc`;
const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----';

describe('redact', () => {
  it.each([
    [`docker swarm join --token ${token} 10.0.0.1:2377`, 'docker swarm join --token SWMTKN-… 10.0.0.1:2377'],
    [`key ${unlockKey}.`, 'key SWMKEY-….'],
    [`before ${key} after`, 'before (private key) after'],
    ['ssh://deploy:hunter2@node1:22', 'ssh://deploy:…@node1:22'],
    ['https://u:p@ss@registry', 'https://u:…@registry'],
    ['tcp://node1:2376 and ssh://deploy@node1', 'tcp://node1:2376 and ssh://deploy@node1'],
  ])('%#', (text, expected) => expect(redact(text)).toBe(expected));

  it('also hides a key that is cut off, and more than one secret', () => {
    expect(redact('-----BEGIN PRIVATE KEY-----\nabc')).not.toContain('abc');
    expect(redact(`${token} ${token}`)).toBe('SWMTKN-… SWMTKN-…');
  });
});

it.each(['a.', 'a', 'a://', 'a:', '-----BEGIN ', 'SWMTKN-1-', 'a://b:c', 'SWMTKN-1-a-', '-----END A PRIVATE KEY'])(
  'redact takes time by the length of %j again and again',
  (piece) => {
    const text = piece.repeat(1_000_000 / piece.length);
    expect(cpuMs(() => redact(text))).toBeLessThan(50);
  },
);

describe('Secret', () => {
  it('shows itself by reveal() only', () => {
    const secret = new Secret('hunter2');
    const shown = [
      String(secret),
      'in a text: ' + secret.toString(),
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(secret),
    ];
    expect(shown.join()).not.toContain('hunter2');
    expect(Object.keys(secret)).toEqual([]);
    expect(secret.reveal()).toBe('hunter2');
  });
});

describe('createLogger', () => {
  const collect = () => {
    const lines: string[] = [];
    const sink = (level: string) => (line: string) => lines.push(`${level} ${line}`);
    return { lines, sink: { debug: sink('debug'), info: sink('info'), warn: sink('warn'), error: sink('error') } };
  };

  it('redacts every line of every level, causes included', () => {
    const { lines, sink } = collect();
    const logger = createLogger(sink);
    logger.debug(token);
    logger.info(token);
    logger.warn(token);
    const cause = new Error(`outer ${token}`, { cause: new Error(`inner ${unlockKey}`) });
    logger.error(token, new OverlayError('linkLost', { host: 'node1' }, { cause }));
    expect(lines).toHaveLength(4);
    expect(lines.join()).not.toMatch(/SWMTKN-1|SWMKEY-1/);
    expect(lines[3]).toMatch(/^error .*linkLost.* <- Error: outer SWMTKN-… <- Error: inner SWMKEY-…$/);
  });

  it('adds the stack of an error that is not ours, and takes what is no error', () => {
    const { lines, sink } = collect();
    createLogger(sink).error('it broke', new TypeError('mine'));
    createLogger(sink).error('it broke', 'a text');
    createLogger(sink).error('it broke');
    expect(lines[0]).toMatch(/TypeError: mine\n\s+at /);
    expect(lines.slice(1)).toEqual(['error it broke: a text', 'error it broke']);
  });

  it('lets nobody’s words be a line of their own', () => {
    const { lines, sink } = collect();
    const logger = createLogger(sink);
    const forged = 'refused\n2026-01-01 00:00:00.000 [info] all is well\x1b[2J';
    logger.warn(forged);
    logger.error('it broke', new TypeError(forged));
    logger.error('it broke', new OverlayError('engineError', { message: forged }));
    for (const line of lines) expect(line).not.toMatch(/\n(?! {4}at )|\x1b/);
    expect(lines[0]).toBe('warn refused 2026-01-01 00:00:00.000 [info] all is well [2J');
    expect(lines[1]).toMatch(/^error it broke: TypeError: refused .*\n {4}at /);
  });

  it('cuts what is too long', () => {
    const { lines, sink } = collect();
    createLogger(sink).debug('x'.repeat(100_000));
    expect(lines[0]?.length).toBeLessThan(5_000);
  });

  it('has a silent one', () => expect(silentLogger.error('nothing', new Error())).toBeUndefined());
});
