import { promises as fs } from 'node:fs';
import path from 'node:path';
import { OverlayError, toOverlayError } from '../base/errors';
import { cancelled, throwIfAborted } from '../base/time';
import { atHop } from '../model/connectStage';
import { Askpass } from './askpass';
import { GuardedProcess } from './guardedProcess';
import { RecordedHostKeys, unknownHostKey } from './hostKey';
import { parseKnownHosts } from './knownHosts';
import { makePrivateDirectory, removePrivateDirectory } from './privateDirectory';
import { Stopwatch, unlessAborted } from './stopwatch';
import type { SshSettings } from './sshConfig';
import { resolveJump } from './sshRoute';
import { SystemSshAnswers } from './systemSshAnswers';
import { learnArguments, privateConfig, privateFiles, type SshTarget } from './systemSshConfig';
import { systemSshFailure } from './systemSshErrors';
import type { SystemSshRequest } from './systemSshLink';
import { isSameHost, SystemSshLog } from './systemSshLog';
import { formatAddress } from './text';

const learnTimeoutMs = 30_000;

interface Hop {
  readonly target: SshTarget;
  readonly settings: SshSettings;
  /** Name of a jump host; undefined for the host itself. */
  readonly name?: string;
}

/** A hop with what known_hosts has of it. */
interface Suspect extends Hop {
  readonly recorded: RecordedHostKeys;
}

/**
 * To be called when ssh has refused a host key: judges the keys of all servers on the way, the first one first, and asks
 * a person about the first that is unknown. Returns when one has been remembered.
 *
 * @param refused name of the server in known_hosts, where ssh has told it: the keys of the others are not in question.
 * @throws OverlayError `hostKeyUnknown` when declined, `hostKeyChanged`, `hostKeyRevoked`, `hostCertificateInvalid`,
 *   `sshConfigInvalid` when the configuration keeps no keys.
 */
export async function confirmHostKeys(request: SystemSshRequest, refused?: string): Promise<void> {
  for (const hop of await suspectsOf(request, refused)) {
    const key = await learnHostKey(request, hop);
    const decision = hop.recorded.decide(key, undefined, true);
    if (decision.kind === 'trusted') continue;
    if (decision.kind === 'refused') throw decision.error;
    await askForTrust(request, hop, decision.key);
    return;
  }
  const { host } = request;
  const { hostName, port } = request.settings;
  const message = 'ssh refuses the host key, although known_hosts has it';
  throw new OverlayError('sshProtocol', { host, address: formatAddress(hostName, port), message });
}

/** The servers whose key ssh may have refused. */
async function suspectsOf(request: SystemSshRequest, refused: string | undefined): Promise<Suspect[]> {
  const read = async (hop: Hop) => ({ ...hop, recorded: await RecordedHostKeys.read(request.host, hop.settings) });
  const hops = await Promise.all((await hopsOf(request)).map(read));
  const named = hops.filter((hop) => refused !== undefined && isSameHost(hop.recorded.name, refused));
  return named.length > 0 ? named : hops;
}

/** Shows the key to a person, and remembers it when it is trusted. */
async function askForTrust({ host, prompts, signal, onStage }: SystemSshRequest, hop: Suspect, key: Buffer) {
  const { recorded, name } = hop;
  const forgetful = await recorded.forgetful();
  if (forgetful !== undefined) {
    const message = `the key of ${recorded.name} is not known, and the ssh program takes only remembered ones; ${forgetful}`;
    throw new OverlayError('sshConfigInvalid', { host, message });
  }
  atHop(onStage, name)({ stage: 'hostKey', state: 'begun', detail: 'waiting for the host key to be confirmed' });
  const question = unknownHostKey(host, recorded.name, key);
  const trusted = await unlessAborted(prompts.trustHostKey(question, signal), signal);
  throwIfAborted(signal);
  if (!trusted) throw new OverlayError('hostKeyUnknown', { ...question });
  await recorded.remember(key);
}

/** All servers on the way, the one that is connected first at the beginning. */
async function hopsOf({ host, target, settings, source, signal }: SystemSshRequest): Promise<Hop[]> {
  const hops: Hop[] = [{ target, settings }];
  for (let list = settings.proxyJump; list !== undefined; list = hops[0]?.settings.proxyJump) {
    const jump = await resolveJump(list, host, source, hops.length, signal);
    const rest = list.split(',').slice(0, -1).join(',');
    const jumpTarget = rest === '' ? jump.target : { ...jump.target, jump: rest };
    hops.unshift({ target: jumpTarget, settings: jump.settings, name: jump.target.host });
  }
  return hops;
}

/** Lets ssh itself shake hands, so that it goes the same way with the same algorithms, into a file of its own. */
async function learnHostKey(request: SystemSshRequest, hop: Suspect): Promise<Buffer> {
  const learning = new Learning(request, hop, await makePrivateDirectory());
  try {
    return await learning.run();
  } finally {
    await learning.close();
  }
}

/** One run of ssh that shakes hands with a server. It has to log in to the jump hosts before, which may ask a person. */
class Learning {
  private readonly controller = new AbortController();
  private readonly log: SystemSshLog;
  private readonly answers: SystemSshAnswers;
  private readonly stopwatch: Stopwatch;
  private process: GuardedProcess | undefined;
  private askpass: Askpass | undefined;
  private fail: (error: unknown) => void = () => undefined;
  private onAdded: () => void = () => undefined;

  constructor(
    private readonly request: SystemSshRequest,
    private readonly hop: Suspect,
    private readonly dir: string,
  ) {
    const { host, prompts, keyRing, onStage } = request;
    const { settings } = hop;
    this.stopwatch = new Stopwatch(learnTimeoutMs, () => this.fail(tooSlow(host, settings)));
    this.log = new SystemSshLog(settings, () => undefined, false);
    const { stopwatch } = this;
    const { signal } = this.controller;
    const asker = () => this.log.asker;
    const fail = (error: unknown) => this.fail(error);
    this.answers = new SystemSshAnswers({ host, settings, prompts, keyRing, stopwatch, signal, onStage, asker, fail });
  }

  async run(): Promise<Buffer> {
    const { signal } = this.request;
    const stopped = new Promise<never>((_, reject) => {
      this.fail = (error) => reject(toOverlayError(error, { host: this.request.host }));
    });
    const onAbort = () => this.fail(cancelled(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      throwIfAborted(signal);
      return await Promise.race([this.learn(), stopped]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      // Ends questions that are still open.
      this.controller.abort(new OverlayError('cancelled'));
      this.stopwatch.dispose();
      this.askpass?.dispose();
    }
  }

  /** Ends what was begun and leaves nothing of it. */
  async close(): Promise<void> {
    this.process?.end();
    await this.process?.ended;
    await removePrivateDirectory(this.dir);
  }

  private async learn(): Promise<Buffer> {
    const { dir, hop, request } = this;
    const { source } = request;
    await fs.writeFile(path.join(dir, privateFiles.config), privateConfig(source, hop.settings), { mode: 0o600 });
    this.askpass = await Askpass.open(dir, this.answers.answer);
    const learned = path.join(dir, privateFiles.learned);
    await fs.writeFile(learned, '', { mode: 0o600 });
    // The guard of ssh removes the directory at its end: the file is open before.
    const file = await fs.open(learned, 'r');
    try {
      const code = await this.shakeHands(this.askpass);
      const [line] = parseKnownHosts(await file.readFile('utf8'), learned);
      if (line) return line.key;
      const failure = systemSshFailure(this.log, code, request.host, hop.settings);
      throw failure.kind === 'error' ? failure.error : revokedByFile(request.host, hop.recorded.name, this.log.hostKey);
    } finally {
      await file.close();
    }
  }

  /** Runs ssh until it has written the key or has ended. @returns its exit code. */
  private async shakeHands(askpass: Askpass): Promise<number | undefined> {
    const { dir, hop, request, controller } = this;
    if (controller.signal.aborted) {
      // It came late: who would dispose of it has gone.
      askpass.dispose();
      throw cancelled(controller.signal);
    }
    const args = learnArguments(dir, hop.target, hop.recorded.knownAlgorithms());
    const env = { ...request.source.env, ...askpass.environment(request.source.env) };
    const added = new Promise<undefined>((resolve) => (this.onAdded = () => resolve(undefined)));
    this.process = new GuardedProcess(dir, [request.program, ...args], env, (line) => this.hear(line));
    // A server that wants no authentication lets ssh in, which then stays.
    const end = await Promise.race([this.process.ended, added]);
    return end?.code;
  }

  private hear(line: string): void {
    this.request.logger.debug(`${this.request.host}: ssh, for the host key: ${line}`);
    this.log.line(line);
    if (line.startsWith('Authenticated to ')) this.answers.succeeded();
    if (line.startsWith('Warning: Permanently added ')) this.onAdded();
  }
}

function tooSlow(host: string, { hostName, port }: SshSettings): OverlayError {
  const message = `its host key did not come within ${learnTimeoutMs / 1000} s`;
  return new OverlayError('sshProtocol', { host, address: formatAddress(hostName, port), message });
}

/** RevokedHostKeys of the configuration, which known_hosts does not show. */
function revokedByFile(host: string, address: string, shown: string | undefined): OverlayError {
  const params = { host, address, fingerprint: shown?.split(' ')[1] ?? '', path: 'the SSH configuration' };
  return new OverlayError('hostKeyRevoked', params);
}
