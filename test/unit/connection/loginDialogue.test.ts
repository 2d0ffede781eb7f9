import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthContext, Connection, KeyboardAuthContext } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import { actionMs, ServerMessages, readableText } from '../../../src/connection/serverMessages';
import { signatureRefusal } from '../../../src/connection/sshConfig/keyRefusal';
import { KeyRing } from '../../../src/connection/credentials/keyRing';
import { LoginAnswers, LoginQuestions } from '../../../src/connection/credentials/loginQuestions';
import type { SshSettings } from '../../../src/connection/sshConfig/settings';
import { PausableDeadline } from '../../../src/connection/pausableDeadline';
import type { ConnectionPrompts } from '../../../src/connection/prompts';
import { answerAsEngine, LoopbackSsh } from './sshServer';

let ssh: LoopbackSsh;
beforeEach(() => {
  ssh = new LoopbackSsh();
});
afterEach(() => {
  vi.useRealTimers();
  ssh.dispose();
});

/** Configures a host with this server, and some more lines. */
async function serve(
  authenticate: (context: AuthContext) => void | Promise<void>,
  lines: string[] = [],
  banner?: string,
  ident?: string,
) {
  const more = { ...(banner === undefined ? {} : { banner }), ...(ident === undefined ? {} : { ident }) };
  const port = await ssh.serve({ authenticate, ...more });
  const host = ['Host target', 'HostName 127.0.0.1', `Port ${port}`, 'User deploy', ...lines];
  ssh.configure(host.join('\n  '));
  return port;
}

const asks = (context: AuthContext, prompts: { prompt: string; echo: boolean }[], name: string, instructions: string) =>
  new Promise<string[]>((resolve) => {
    (context as KeyboardAuthContext).prompt(prompts, name, instructions, (answers) => resolve(answers));
  });

describe('keys of a login', () => {
  /** A server that wants two keys, or only refuses the signature of the first. */
  function wantsTwo(isPartial: boolean, signatures: string[]) {
    return (context: AuthContext) => {
      if (context.method !== 'publickey') return context.reject(['publickey']);
      if (!context.signature) return context.accept();
      signatures.push(context.key.data.toString('base64'));
      return signatures.length < 2 ? context.reject(['publickey'], isPartial) : context.accept();
    };
  }

  it.each([
    ['wanted, as by AuthenticationMethods publickey,publickey', true],
    ['tried after a signature that was refused', false],
  ])('are each %s', async (_what, isPartial) => {
    const keys = [ssh.makeKey('one'), ssh.makeKey('two')];
    const signatures: string[] = [];
    await serve(wantsTwo(isPartial, signatures), ['IdentitiesOnly yes', ...keys.map((key) => `IdentityFile ${key}`)]);
    const link = await ssh.connect();
    expect(link.info.description).toContain('ssh2 + streamlocal');
    expect(new Set(signatures).size).toBe(2);
    expect(ssh.questions).toEqual([]);
  });

  it('are no reason to ask for a password that the server does not take', async () => {
    await serve(
      (context) =>
        context.method === 'publickey' && !context.signature ? context.accept() : context.reject(['publickey']),
      [`IdentityFile ${ssh.makeKey('key')}`],
    );
    await expect(ssh.connect()).rejects.toMatchObject({ reason: 'authenticationFailed' });
    expect(ssh.questions).toEqual([]);
  });
});

describe('the ways of a login', () => {
  /** Refuses everything. @returns the methods that were tried. */
  async function triedWith(lines: string[], takes: ('publickey' | 'password' | 'keyboard-interactive')[]) {
    const tried: string[] = [];
    await serve(
      (context) => {
        tried.push(context.method);
        context.reject(takes);
      },
      [`IdentityFile ${ssh.makeKey('key')}`, ...lines],
    );
    ssh.answers = ['one'];
    await expect(ssh.connect({ transport: 'streamlocal' })).rejects.toMatchObject({ reason: 'authenticationFailed' });
    return tried;
  }

  it('are those of PreferredAuthentications, in its order', async () => {
    const all = ['publickey', 'password', 'keyboard-interactive'] as const;
    expect(await triedWith(['PreferredAuthentications password'], [...all])).toEqual(['none', 'password']);
    expect(await triedWith(['PreferredAuthentications password,publickey'], ['password', 'publickey'])).toEqual([
      'none',
      'password',
    ]);
    expect(
      await triedWith(['NumberOfPasswordPrompts 1', 'PreferredAuthentications password,publickey'], [...all]),
    ).toEqual(['none', 'password', 'publickey']);
  });

  it('ask nothing under BatchMode', async () => {
    expect(await triedWith(['BatchMode yes'], ['publickey', 'password'])).toEqual(['none', 'publickey']);
    expect(ssh.questions).toEqual([]);
  });

  it('go on with the second factor that the server names, and not with others', async () => {
    let factors = 0;
    await serve(
      (context) => {
        if (context.method === 'publickey') {
          if (!context.signature) return context.accept();
          factors += 1;
          return context.reject(['password'], true);
        }
        if (context.method === 'password' && factors === 1) return context.accept();
        return context.reject(factors === 0 ? ['publickey'] : ['password']);
      },
      [`IdentityFile ${ssh.makeKey('key')}`],
    );
    ssh.answers = ['right'];
    await ssh.connect();
    expect(ssh.questions.map(({ prompt, previousWrong }) => ({ prompt, previousWrong }))).toEqual([
      { prompt: 'Password', previousWrong: false },
    ]);
  });

  it('end where the server wants a new password', async () => {
    await serve((context) => {
      if (context.method !== 'password') return context.reject(['password']);
      context.requestChange('Your password has expired.', () => undefined);
    });
    ssh.answers = ['old'];
    const failed = {
      reason: 'authenticationFailed',
      params: { message: expect.stringContaining('has expired') as string },
    };
    await expect(ssh.connect()).rejects.toMatchObject(failed);
  });
});

describe('a server that asks again', () => {
  const again = ['keyboard-interactive'] as const;
  const password = [{ prompt: 'Password: ', echo: false }];

  /** Asks for a password as often as there are answers, in one exchange. @returns what it heard. */
  async function pam(secrets: readonly string[]) {
    const heard: string[] = [];
    const port = await serve(async (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject([...again]);
      const given: string[] = [];
      while (given.length < secrets.length) given.push(...(await asks(context, password, '', '')));
      heard.push(...given);
      if (given.join() === secrets.join()) context.accept();
      else context.reject([...again]);
    });
    ssh.kept = { [`deploy@127.0.0.1:${port}`]: 'unix' };
    return heard;
  }

  it('gets a saved password once, and asks a person for the second secret', async () => {
    const heard = await pam(['unix', 'radius']);
    ssh.answers = ['radius'];
    await ssh.connect();
    expect(heard).toEqual(['unix', 'radius']);
    const asked = ssh.questions.map(({ previousWrong, reusable }) => ({ previousWrong, reusable }));
    expect(asked).toEqual([
      { previousWrong: false, reusable: true },
      { previousWrong: false, reusable: false },
    ]);
  });

  it('asks nobody in the background', async () => {
    const heard = await pam(['unix', 'radius']);
    await expect(ssh.connect({ interactive: false })).rejects.toMatchObject({ reason: 'interactionNeeded' });
    expect(heard).toEqual([]);
  });

  it('does not go on for ever, whatever it is answered', async () => {
    let rounds = 0;
    await serve(async (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject([...again]);
      for (;;) rounds += (await asks(context, password, '', '')).length;
    });
    ssh.answers = Array.from({ length: 1_000 }, () => 'on');
    await expect(ssh.connect()).rejects.toMatchObject({ reason: 'authenticationFailed' });
    expect(rounds).toBe(20);
  });

  it('has the attempts of each method by themselves, and anew after one that it has taken', async () => {
    let factors = 0;
    await serve(async (context) => {
      if (context.method === 'password' && factors === 1) return context.accept();
      if (context.method !== 'keyboard-interactive') return context.reject([...again]);
      const [code] = await asks(context, [{ prompt: 'Code: ', echo: true }], '', '');
      if (code !== 'right') return context.reject([...again]);
      factors += 1;
      context.reject(['password'], true);
    });
    ssh.answers = ['wrong', 'wrong', 'right', 'secret'];
    await ssh.connect();
    expect(ssh.questions.map(({ prompt, previousWrong }) => [prompt, previousWrong])).toEqual([
      ['Code:', false],
      ['Code:', true],
      ['Code:', true],
      ['Password', false],
    ]);
  });
});

describe('a password that is kept for the next time', () => {
  function questions(settings = {}) {
    const keyRing = new KeyRing();
    const own = { hostName: 'h', port: 22, user: 'u', ...settings } as SshSettings;
    const said = ['first', 'second'];
    const prompts = { password: async () => said.shift() } as unknown as ConnectionPrompts;
    const { signal } = new AbortController();
    const stopwatch = new PausableDeadline(1_000, () => undefined);
    const words = { take: () => undefined, answered: () => undefined } as unknown as ServerMessages;
    const answers = new LoginAnswers();
    return new LoginQuestions({
      host: 'n',
      settings: own,
      prompts,
      answers,
      keyRing,
      deadline: stopwatch,
      messages: words,
      signal,
    });
  }

  async function answer(login: LoginQuestions, method: string, times = 1) {
    login.begin(method);
    for (let n = 0; n < times; n += 1) {
      await login.password('Password:', true);
      login.answered();
    }
  }

  it('is the one that was taken, also as one factor of two', async () => {
    const login = questions();
    await answer(login, 'password');
    login.refused();
    await answer(login, 'password');
    login.accepted();
    login.accepted();
    expect(login.proven?.reveal()).toBe('second');
  });

  it('is none that was refused before a key let us in', async () => {
    const login = questions();
    await answer(login, 'password');
    login.refused();
    login.accepted();
    expect(login.proven).toBeUndefined();
  });

  it('is none of two, of which nobody knows what each is for', async () => {
    const login = questions();
    await answer(login, 'keyboard-interactive', 2);
    login.accepted();
    expect(login.proven).toBeUndefined();
  });
});

describe('the signature of an RSA key', () => {
  it.each([
    ['sha1', undefined, false],
    [undefined, undefined, false],
    ['sha256', undefined, true],
    ['sha256', ['rsa-sha2-512'], false],
    ['sha512', ['rsa-sha2-512'], true],
    ['sha1', ['ssh-rsa'], true],
  ])('by %s, where %j is allowed: %s', (hash, allowed, isGiven) => {
    expect(signatureRefusal('ssh-rsa', hash, { publicKeyAlgorithms: allowed }) === undefined).toBe(isGiven);
  });

  /** @returns the hashes that the key was shown with, once offered and once signed. */
  async function logIn(accepted: string, ident?: string) {
    const seen: string[] = [];
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', ssh.path('rsa')]);
    const authenticate = (context: AuthContext) => {
      if (context.method !== 'publickey') return context.reject(['publickey']);
      seen.push(`${context.hashAlgo ?? 'sha1'}${context.signature ? ' signed' : ''}`);
      context.accept();
    };
    const lines = [`PubkeyAcceptedAlgorithms ${accepted}`, `IdentityFile ${ssh.path('rsa')}`];
    await serve(authenticate, lines, undefined, ident);
    const failure: unknown = await ssh.connect({ transport: 'streamlocal' }).then(
      () => undefined,
      (error: unknown) => error,
    );
    return { seen, failure };
  }

  it('is by what the server takes and the configuration allows', async () => {
    const { seen, failure } = await logIn('rsa-sha2-256');
    expect([seen, failure]).toEqual([['sha256', 'sha256 signed'], undefined]);
  });

  it('is not given, nor the key shown, where there is no such algorithm', async () => {
    // ssh2's servers take no other hash than SHA-256.
    const { seen, failure } = await logIn('rsa-sha2-512');
    expect(seen).toEqual([]);
    expect(failure).toMatchObject({ reason: 'authenticationFailed' });
  });

  it('is not given by another algorithm, which ssh2 supposes a server to take', async () => {
    const { seen, failure } = await logIn('rsa-sha2-512', 'OpenSSH_7.4');
    expect(seen).toEqual(['sha256']);
    const note = expect.stringContaining('rsa-sha2-256, which PubkeyAcceptedAlgorithms does not allow') as string;
    expect(failure).toMatchObject({ params: { items: expect.arrayContaining([note]) as string[] } });
  });
});

describe('a password that is refused beside a key that only ssh can use', () => {
  it('is what is told', async () => {
    const key = ssh.makeKey('key');
    writeFileSync(`${key}-cert.pub`, 'ssh-ed25519-cert-v01@openssh.com AAAA');
    await serve((context) => context.reject(['password', 'publickey']), [`IdentityFile ${key}`]);
    ssh.answers = ['a', 'b', 'c'];
    const note = expect.stringMatching(/^a user certificate .*the built-in client cannot/) as string;
    const items = expect.arrayContaining(['password', note]) as string[];
    await expect(ssh.connect({ transport: 'streamlocal' })).rejects.toMatchObject({
      reason: 'authenticationFailed',
      params: { items },
    });
  });
});

describe('what a server says', () => {
  it('reaches the person with the question: banner, name, instruction and a long menu', async () => {
    const menu = ['Duo two-factor login', ...Array.from({ length: 40 }, (_, n) => ` ${n + 1}. Duo Push to +XX ${n}`)];
    const given: string[][] = [];
    await serve(
      async (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        const prompt = `${menu.join('\r\n')}\r\nPasscode or option (1-40): `;
        given.push(await asks(context, [{ prompt, echo: true }], 'RADIUS', 'Confirm on your telephone.'));
        context.accept();
      },
      [],
      'Welcome\u001b[31m to the bastion.\r\n',
    );
    ssh.answers = ['1'];
    await ssh.connect();
    const [question] = ssh.questions;
    expect(question?.prompt).toBe(`${menu.join('\n')}\nPasscode or option (1-40):`);
    expect(question?.said).toBe('Welcome[31m to the bastion.\nRADIUS\nConfirm on your telephone.');
    expect(question).toMatchObject({
      reusable: false,
      previousWrong: false,
      account: expect.stringMatching(/^deploy@127/) as string,
    });
    expect(given).toEqual([['1']]);
  });

  it('is not taken for a refusal when one round of questions follows another', async () => {
    await serve(async (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      await asks(context, [{ prompt: 'Password: ', echo: false }], '', '');
      await asks(context, [{ prompt: 'Verification code: ', echo: false }], '', '');
      context.accept();
    });
    ssh.answers = ['secret', '123456'];
    await ssh.connect();
    expect(ssh.questions.map(({ prompt, previousWrong, reusable }) => ({ prompt, previousWrong, reusable }))).toEqual([
      { prompt: 'Password:', previousWrong: false, reusable: true },
      { prompt: 'Verification code:', previousWrong: false, reusable: false },
    ]);
  });

  it('is shown when the login waits for something else to be done', async () => {
    await serve(
      async (context) => {
        if (context.method !== 'none') return context.reject(['none']);
        // As Tailscale's check mode: nothing is asked, the answer is given in a browser.
        await sleep(4_000);
        context.accept();
      },
      [],
      '# To authenticate, visit: https://login.example/a/1234\r\n',
    );
    await ssh.connect();
    expect(ssh.notices).toEqual([
      { host: 'node', from: 'server', text: '# To authenticate, visit: https://login.example/a/1234' },
    ]);
    const details = ssh.stages.filter((report) => report.stage === 'authentication').map((report) => report.detail);
    expect(details.join()).toContain('https://login.example/a/1234');
  });

  it('is shown as well when a ProxyCommand says it', async () => {
    const port = await serve((context) => context.accept());
    const line = 'visit https://login.example/b to log in';
    writeFileSync(
      ssh.path('proxy.cjs'),
      `console.error('${line}'); setTimeout(() => {
        const socket = require('net').connect(${port}, '127.0.0.1'); process.stdin.pipe(socket).pipe(process.stdout);
      }, 4000);`,
    );
    ssh.configure(
      `Host target\n  User deploy\n  HostName 127.0.0.1\n  Port ${port}\n  ProxyCommand ${process.execPath} ${ssh.path('proxy.cjs')}`,
    );
    await ssh.connect();
    expect(ssh.notices).toEqual([{ host: 'node', from: 'proxyCommand', text: line }]);
  });

  it('is shown in rounds that ask nothing', async () => {
    await serve(async (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      await asks(context, [], '', 'Pushed a login request to your device...');
      await sleep(4_000);
      context.accept();
    });
    await ssh.connect();
    expect(ssh.notices.map((notice) => notice.text)).toEqual(['Pushed a login request to your device...']);
  });

  it('keeps its lines and loses what could act', () => {
    expect(readableText('a\r\nb\rc\td\u0007\u202e\u0000e ')).toBe('a\nb\nc de');
    expect(readableText('x'.repeat(10_000_000))).toHaveLength(4_000);
  });
});

describe('the clock of a login', () => {
  const prompts = (notify?: () => void) => ({ ...(notify ? { notify } : {}) }) as ConnectionPrompts;

  function login(isRead: boolean) {
    vi.useFakeTimers();
    const expired = vi.fn();
    const shown = vi.fn();
    const stopwatch = new PausableDeadline(20_000, expired);
    const logger = vi.fn();
    const own = { host: 'node', from: 'server', deadline: stopwatch, logger: silentLogger, onStage: logger } as const;
    const words = new ServerMessages({ ...own, prompts: prompts(isRead ? shown : undefined) });
    return { expired, shown, words, logger };
  }

  it('leaves time to do what the server says, and not for ever', () => {
    const { expired, shown, words } = login(true);
    vi.advanceTimersByTime(10_000);
    words.hear('enter the code 1234 at https://example');
    vi.advanceTimersByTime(actionMs - 1_000);
    expect(expired).not.toHaveBeenCalled();
    words.hear('still waiting');
    vi.advanceTimersByTime(2_000);
    expect(expired).toHaveBeenCalledTimes(1);
    expect(words.overdue).toBe('what the server had said to be done took longer than 5 minutes');
    expect(shown).toHaveBeenCalledWith(expect.objectContaining({ text: 'enter the code 1234 at https://example' }));
  });

  it('runs on where nothing is to be done', () => {
    const { expired, words } = login(true);
    words.hear('This system is monitored. Unauthorised use is prohibited.');
    vi.advanceTimersByTime(20_000);
    expect(expired).toHaveBeenCalledTimes(1);
    expect(words.overdue).toBeUndefined();
  });

  it('leaves time after an answer, and says so', () => {
    const { expired, words } = login(true);
    words.answered();
    vi.advanceTimersByTime(actionMs - 1_000);
    expect(expired).not.toHaveBeenCalled();
    expect(words.overdue).toContain('what follows the answer');
  });

  it('is no more when the login is over', () => {
    const { shown, words, logger } = login(true);
    words.dispose();
    words.hear('still connected');
    vi.advanceTimersByTime(10_000);
    expect(shown).not.toHaveBeenCalled();
    expect(logger).not.toHaveBeenCalled();
  });

  it('runs on where nobody reads it', () => {
    const { expired, words } = login(false);
    words.hear('enter the code 1234');
    vi.advanceTimersByTime(20_000);
    expect(expired).toHaveBeenCalledTimes(1);
  });

  it('shows a server that talks all the time a few times only', () => {
    const { shown, words } = login(true);
    for (let n = 0; n < 50; n += 1) {
      words.hear(`line ${n}`);
      vi.advanceTimersByTime(4_000);
    }
    expect(shown).toHaveBeenCalledTimes(5);
  });
});

describe('an ssh in a ProxyCommand', () => {
  it.each([
    ['may ask by the askpass program of the person', '', true, '-'],
    ['asks nothing in the background', '', false, '-never'],
    ['asks nothing under BatchMode', '  BatchMode yes', true, '-never'],
  ])('%s', async (_what, line, interactive, expected) => {
    const command = `sh -c 'echo "-$SSH_ASKPASS_REQUIRE" > ${ssh.path('env')}; exit 1'`;
    ssh.configure(`Host target\n  HostName 127.0.0.1\n  User deploy\n  ProxyCommand ${command}\n${line}`);
    await expect(ssh.connect({ interactive, transport: 'streamlocal' })).rejects.toMatchObject({
      reason: 'sshProtocol',
    });
    expect(readFileSync(ssh.path('env'), 'utf8').trim()).toBe(expected);
  });
});

describe('a stream that the server refuses', () => {
  /** Lets the engine answer once. */
  const once = (later: (accept: () => unknown, reject: () => void) => void) => (client: Connection) => {
    let times = 0;
    client.on('openssh.streamlocal', (accept, reject) => {
      times += 1;
      if (times === 1) answerAsEngine(accept());
      else later(accept, reject);
    });
  };

  it('is no certain sign of a missing engine, and names its socket', async () => {
    const authenticate = (context: AuthContext) => context.accept();
    const port = await ssh.serve({ authenticate, onClient: once((_accept, reject) => reject()) });
    ssh.configure(`Host target\n  HostName 127.0.0.1\n  Port ${port}\n  User deploy`);
    const link = await ssh.connect();
    const path = '/var/run/docker.sock';
    await expect(link.openEngineStream()).rejects.toMatchObject({ reason: 'engineChannelRefused', params: { path } });
  });
});
