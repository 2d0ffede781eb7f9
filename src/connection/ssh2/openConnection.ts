import type { Duplex } from 'node:stream';
import { Client, type ClientErrorExtensions } from 'ssh2';
import { isOverlayError, OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import { cancelled, throwIfAborted } from '../../base/time';
import type { StageListener } from '../../model/host/connectStage';
import { ClientConnection, type Ssh2Connection } from './connection';
import { RecordedHostKeys, askForTrust } from '../hostKeys/recordedHostKeys';
import type { KeyRing } from '../credentials/keyRing';
import { LoginAnswers } from '../credentials/loginQuestions';
import { ServerMessages } from '../serverMessages';
import { Login } from './login';
import { listenToLogin } from './loginListener';
import type { Environment } from '../../base/home';
import { serverAddress, type SshSettings } from '../sshConfig/settings';
import { PausableDeadline } from '../pausableDeadline';
import { fingerprint, keyTypeOf } from '../keys/publicKey';
import { messageOf, systemCode } from '../errors';
import { oneLine } from '../../base/text/oneLine';
import type { ConnectionPrompts } from '../prompts';

// Without it a frozen sshd leaves requests hanging for ever: ssh2 sends no keep-alives by default.
// The link counts as lost at the third tick: 12 s.
const keepaliveMs = 4_000;
const keepaliveMisses = 2;
/** Greeting, key exchange and login together, without the time a person reads. */
const loginTimeoutMs = 20_000;
/** One for the unknown key, two for a server that hung up while a person was typing. */
const maxAttempts = 4;

export interface Ssh2ConnectionRequest {
  /** Name of the configured host, for questions and texts. */
  readonly host: string;
  readonly settings: SshSettings;
  /** The jump host this is, on the way to the host; undefined for the host itself. */
  readonly hop?: string;
  /**
   * Opens the byte stream to the server: a TCP socket, a command, or a channel through a jump host.
   *
   * @param hear what a command says beside it, line by line.
   */
  readonly openStream: (signal: AbortSignal, hear: (line: string) => void) => Promise<Duplex>;
  readonly prompts: ConnectionPrompts;
  readonly keyRing: KeyRing;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onStage: StageListener;
  /** The ssh program can take over what this client cannot do: no questions before it has had its turn. */
  readonly canHandOver: boolean;
  readonly env: Environment;
}

/**
 * Logs in to an SSH server. The host key is judged before anything is authenticated; an unknown one ends the
 * connection, is shown to a person, written to known_hosts, and is then the only one accepted.
 *
 * @throws OverlayError of `base/reasons/connection`.
 */
export async function openSsh2Connection(request: Ssh2ConnectionRequest): Promise<Ssh2Connection> {
  const { host, settings, signal } = request;
  const answers = new LoginAnswers();
  let pinned: Buffer | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const recorded = await RecordedHostKeys.read(host, settings, request.keyRing.hostKeys);
    throwIfAborted(signal);
    const outcome = await new LoginAttempt(request, recorded, answers, pinned).run();
    if (outcome.kind === 'ready') return outcome.link;
    if (attempt >= maxAttempts) throw sshProtocol(request, 'the server hangs up during the login');
    if (outcome.kind === 'again') continue;
    await askForTrust(recorded, outcome.key, request);
    const notKeptBecause = await recorded.remember(outcome.key);
    if (notKeptBecause !== undefined)
      request.logger.warn(`${host}: the host key is kept for this session only: ${notKeptBecause}`);
    pinned = outcome.key;
  }
}

type Outcome =
  | { readonly kind: 'ready'; readonly link: Ssh2Connection }
  | { readonly kind: 'unknownKey'; readonly key: Buffer }
  /** The server hung up while a person was answering; the answer is kept. */
  | { readonly kind: 'again' };

/** One TCP connection: key exchange, host key, login. Closes it unless it becomes a link. */
class LoginAttempt {
  private readonly client = new Client();
  private readonly controller = new AbortController();
  private readonly deadline: PausableDeadline;
  private readonly messages: ServerMessages;
  private readonly login: Login;
  private keyTrusted = false;
  private settled = false;
  private resolve: (outcome: Outcome) => void = () => undefined;
  private reject: (error: OverlayError) => void = () => undefined;
  private lastError: (Error & ClientErrorExtensions) | undefined;

  constructor(
    private readonly request: Ssh2ConnectionRequest,
    private readonly recorded: RecordedHostKeys,
    answers: LoginAnswers,
    private readonly pinned: Buffer | undefined,
  ) {
    const { host, hop, settings, prompts, keyRing, logger, canHandOver, env, onStage } = request;
    this.deadline = new PausableDeadline(loginTimeoutMs, () => this.fail(this.tooSlow()));
    const fail = (error: OverlayError) => this.fail(error);
    const { deadline } = this;
    const { signal } = this.controller;
    this.messages = new ServerMessages({ host, hop, from: 'server', prompts, deadline, logger, onStage });
    const { messages } = this;
    const surroundings = { messages, host, hop, settings, prompts, keyRing, logger, canHandOver, env };
    this.login = new Login({ ...surroundings, answers, deadline, signal, fail });
  }

  async run(): Promise<Outcome> {
    const { request } = this;
    const onAbort = () => this.fail(cancelled(request.signal));
    request.signal.addEventListener('abort', onAbort, { once: true });
    try {
      const hear = (line: string) => this.messages.hear(line, 'proxyCommand');
      const stream = await this.deadline.pausedFor(() => request.openStream(request.signal, hear));
      if (request.signal.aborted) {
        stream.destroy();
        throw cancelled(request.signal);
      }
      return await new Promise<Outcome>((resolve, reject) => {
        this.resolve = resolve;
        this.reject = reject;
        this.start(stream);
      });
    } finally {
      request.signal.removeEventListener('abort', onAbort);
      this.deadline.dispose();
      this.messages.dispose();
    }
  }

  private start(stream: Duplex): void {
    const { client, request } = this;
    // Listens for the whole life of the client: an 'error' nobody hears would end the process.
    client.on('error', (error: Error & ClientErrorExtensions) => this.onError(error));
    client.on('close', () => this.onClose());
    client.on('ready', () => this.onReady(stream));
    client.on('banner', (text) => this.messages.hear(text));
    // ssh2 would wait for a new password.
    client.on('change password', (prompt) =>
      this.fail(this.login.failure(`a new password is wanted: ${oneLine(prompt)}`)),
    );
    request.onStage({ stage: 'hostKey', state: 'begun' });
    client.connect({
      sock: stream,
      username: request.settings.user,
      // The deadline of its own would run while a person reads.
      readyTimeout: 0,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: keepaliveMisses,
      // Servers other than OpenSSH may know its extensions too; those that do not just refuse.
      strictVendor: false,
      algorithms: { ...request.settings.algorithms, serverHostKey: this.recorded.algorithms() },
      // In its callback form: ssh2 takes any returned promise, also one of `false`, for yes.
      hostVerifier: (key: Buffer, verify: (trusted: boolean) => void) => verify(this.judge(Buffer.from(key))),
      authHandler: this.login.handler,
    });
    listenToLogin(client, this.login);
  }

  /** Also called when keys are exchanged anew, an hour or a gigabyte later. */
  private judge(key: Buffer): boolean {
    const decision = this.recorded.decide(key, this.pinned);
    switch (decision.kind) {
      case 'trusted':
        this.noteTrusted(key);
        return true;
      case 'ask':
        this.settle(() => this.resolve({ kind: 'unknownKey', key: decision.key }));
        return false;
      case 'refused':
        this.fail(decision.error);
        return false;
    }
  }

  private noteTrusted(key: Buffer): void {
    if (this.keyTrusted) return;
    this.keyTrusted = true;
    const { onStage } = this.request;
    const how = this.pinned === undefined ? 'known' : 'confirmed';
    onStage({ stage: 'hostKey', state: 'done', detail: `${keyTypeOf(key)} ${fingerprint(key)}, ${how}` });
    onStage({ stage: 'authentication', state: 'begun' });
  }

  private onReady(stream: Duplex): void {
    if (this.settled) {
      this.client.destroy();
      return;
    }
    this.settled = true;
    this.login.succeeded();
    const detail = `${this.request.settings.user}, ${this.login.method}`;
    this.request.onStage({ stage: 'authentication', state: 'done', detail });
    this.resolve({
      kind: 'ready',
      link: new ClientConnection(this.client, stream, this.request.settings, this.request.host),
    });
  }

  private onError(error: Error & ClientErrorExtensions): void {
    this.request.logger.debug(`${this.request.host}: ssh2: ${error.level ?? ''} ${messageOf(error)}`);
    // One key of the agent could not sign; the login goes on with the next.
    if (error.level === 'agent' || this.settled) return;
    this.lastError = error;
    // The stream below has its own reasons, e.g. a ProxyCommand that ended.
    if (isOverlayError(error)) this.fail(error);
    else if (error.level === 'client-authentication') this.fail(this.login.failure());
    else if (this.login.questions.open) return;
    else if (this.keyTrusted && 'code' in error && typeof error.code === 'number') {
      // A disconnect message of the server during the login, e.g. "Too many authentication failures".
      this.fail(this.login.failure(messageOf(error)));
    } else this.fail(this.protocolError(error));
  }

  private onClose(): void {
    if (this.settled) return;
    const question = this.login.questions.open;
    if (!question) {
      this.fail(this.keyTrusted ? this.login.failure('the server hung up') : this.protocolError(this.lastError));
      return;
    }
    // sshd has lost patience (LoginGraceTime), the person has not: connect again with the answer.
    this.request.logger.info(`${this.request.host}: the server hung up while a question was open`);
    this.login.questions.abandoned = true;
    const again = () => this.settle(() => this.resolve({ kind: 'again' }));
    question.then(again, again);
  }

  private protocolError(error: Error | undefined): OverlayError {
    if (isOverlayError(error)) return error;
    // ssh2 has no other sign for it than its words: "no matching key exchange algorithm".
    const unmatched = /no matching (.+)$/i.exec(error?.message ?? '')?.[1];
    if (unmatched !== undefined) {
      const name = `another ${oneLine(unmatched)} than it offers`;
      return new OverlayError('sshFeatureUnsupported', { host: this.request.host, name }, { cause: error });
    }
    const code = systemCode(error);
    if (code === 'ECONNRESET' || code === 'EPIPE') return sshProtocol(this.request, 'the server reset it', error);
    return sshProtocol(this.request, error ? messageOf(error) : 'the server closed it', error);
  }

  private tooSlow(): OverlayError {
    const what = this.keyTrusted ? 'the login' : 'the key exchange';
    return sshProtocol(this.request, this.messages.overdue ?? `${what} took longer than ${loginTimeoutMs / 1000} s`);
  }

  private fail(error: OverlayError): void {
    this.settle(() => this.reject(error.params.host === undefined ? error.with({ host: this.request.host }) : error));
  }

  private settle(how: () => void): void {
    if (this.settled) return;
    this.settled = true;
    // Ends prompts that are still open.
    this.controller.abort(new OverlayError('cancelled'));
    how();
    this.client.destroy();
  }
}

function sshProtocol(request: Ssh2ConnectionRequest, message: string, cause?: unknown): OverlayError {
  const address = serverAddress(request.settings);
  return new OverlayError('sshProtocol', { host: request.host, address, message }, { cause });
}
