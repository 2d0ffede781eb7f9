import { promises as fs } from 'node:fs';
import path from 'node:path';
import { isOverlayError, OverlayError } from '../../base/errors';
import { atHop } from '../../model/host/connectStage';
import { RecordedHostKeys, askForTrust } from '../hostKeys/recordedHostKeys';
import { parseKnownHosts } from '../hostKeys/knownHosts';
import { makePrivateDirectory } from './privateDirectory';
import { hopPrompts } from '../nonInteractivePrompts';
import { serverAddress, type SshSettings, type SshTarget } from '../sshConfig/settings';
import { resolveJump } from '../sshConfig/proxyJump';
import { scanArguments, privateFiles } from './configFiles';
import { opensshFailure } from './errors';
import { OpensshRun, type OpensshRequest } from './sshRun';

const learnTimeoutMs = 30_000;

interface Hop {
  readonly target: SshTarget;
  readonly settings: SshSettings;
  /** Name of a jump host; undefined for the host itself. */
  readonly name?: string;
}

/** A hop with what known_hosts has of it. */
interface RecordedHop extends Hop {
  readonly recorded: RecordedHostKeys;
}

/**
 * To be called when ssh has refused a host key: finds the server, judges its key, and asks a person where it is
 * unknown. Returns when it has been remembered.
 *
 * Which server it is shows in how far ssh gets, and not in what it says: to learn the key of one it must have accepted
 * those of all before it. So the farthest whose key can be learned is the one.
 *
 * @throws OverlayError `hostKeyUnknown` when declined, `hostKeyChanged`, `hostKeyRevoked`, `hostCertificateInvalid`,
 *   `questionForbidden` under BatchMode, `sshConfigInvalid` when the configuration keeps no keys.
 */
export async function confirmHostKeys(request: OpensshRequest): Promise<void> {
  let failure: OverlayError | undefined;
  for (const hop of await hopsOf(request)) {
    const refused = {
      ...hop,
      recorded: await RecordedHostKeys.read(request.host, hop.settings),
    };
    let key: Buffer;
    try {
      key = await learnHostKey(request, refused);
    } catch (error) {
      if (!isOverlayError(error) || error.reason === 'cancelled') throw error;
      failure = error;
      continue;
    }
    const decision = refused.recorded.decide(key, undefined, true);
    if (decision.kind === 'refused') throw decision.error;
    if (decision.kind === 'ask') return confirm(request, refused, decision.key);
    break;
  }
  if (failure) throw failure;
  const { host } = request;
  const message = 'ssh refuses the host key, although known_hosts has it';
  throw new OverlayError('sshProtocol', { host, address: serverAddress(request.settings), message });
}

/** Shows the key to a person, and remembers it when it is trusted. */
async function confirm(request: OpensshRequest, hop: RecordedHop, key: Buffer): Promise<void> {
  const { host, signal, onStage, source } = request;
  const { recorded, name, settings } = hop;
  const prompts = hopPrompts(request.prompts, settings, source.env);
  const refuseForgetful = (why: string | undefined) => {
    if (why === undefined) return;
    const message = `the key of ${recorded.name} is not known, and the ssh program takes only remembered ones; ${why}`;
    throw new OverlayError('sshConfigInvalid', { host, message });
  };
  refuseForgetful(await recorded.whyNotKept());
  await askForTrust(recorded, key, { host, prompts, signal, onStage: atHop(onStage, name) });
  refuseForgetful(await recorded.remember(key));
}

/** All servers on the way, the host itself at the beginning, the one that is connected first at the end. */
async function hopsOf({ host, target, settings, source, signal }: OpensshRequest): Promise<Hop[]> {
  const hops: Hop[] = [{ target, settings }];
  for (let list = settings.proxyJump; list !== undefined; list = hops.at(-1)?.settings.proxyJump) {
    const jump = await resolveJump(list, host, source, hops.length, signal);
    const rest = list.split(',').slice(0, -1).join(',');
    const jumpTarget = rest === '' ? jump.target : { ...jump.target, jump: rest };
    hops.push({ target: jumpTarget, settings: jump.settings, name: jump.target.host });
  }
  return hops;
}

/** Lets ssh itself shake hands, so that it goes the same way with the same algorithms, into a file of its own. */
async function learnHostKey(request: OpensshRequest, hop: RecordedHop): Promise<Buffer> {
  const scan = new HostKeyScan(request, hop, await makePrivateDirectory());
  try {
    return await scan.run();
  } finally {
    await scan.close();
  }
}

/** One run of ssh that shakes hands with a server, after it has logged in to the jump hosts before it. */
class HostKeyScan {
  private readonly ssh: OpensshRun;

  constructor(
    private readonly request: OpensshRequest,
    private readonly hop: RecordedHop,
    private readonly dir: string,
  ) {
    const { settings } = hop;
    // The stages are those of the login.
    const quiet = { ...request, onStage: () => undefined };
    this.ssh = new OpensshRun({
      request: quiet,
      settings,
      dir,
      timeoutMs: learnTimeoutMs,
      what: 'learning its host key',
    });
  }

  run(): Promise<Buffer> {
    return this.ssh.during(() => this.learn());
  }

  /** Ends what was begun and leaves nothing of it. */
  close(): Promise<void> {
    return this.ssh.close();
  }

  private async learn(): Promise<Buffer> {
    const { dir, hop, request, ssh } = this;
    const learned = path.join(dir, privateFiles.learned);
    await fs.writeFile(learned, '', { mode: 0o600 });
    // The guard of ssh removes the directory at its end: the file is open before.
    const file = await fs.open(learned, 'r');
    try {
      const args = scanArguments(dir, hop.target, hop.recorded.knownAlgorithms());
      const key = async () => {
        const { size } = await file.stat();
        const text = Buffer.alloc(size);
        await file.read(text, 0, size, 0);
        const whole = text.subarray(0, text.lastIndexOf('\n') + 1).toString('utf8');
        return parseKnownHosts(whole, learned)[0]?.key;
      };
      const { end } = await ssh.startUntil(
        args,
        (line) => this.hear(line),
        async () => (await key()) !== undefined,
      );
      const found = await key();
      if (found) return found;
      const failure = opensshFailure(ssh.log, end?.code, request.host, hop.settings);
      throw failure === 'hostKey' ? refusedUnseen(request.host, hop, ssh.log.hostKey) : failure;
    } finally {
      await file.close();
    }
  }

  private hear(line: string): void {
    this.request.logger.debug(`${this.request.host}: ssh, for the host key: ${line}`);
    this.ssh.log.line(line);
  }
}

/** ssh refuses a key that it does not write down: by RevokedHostKeys or KnownHostsCommand, which known_hosts does not show. */
function refusedUnseen(host: string, { settings, recorded }: RecordedHop, shown: string | undefined): OverlayError {
  const address = recorded.name;
  // A server before it could have written those words.
  if (settings.proxyJump !== undefined || settings.proxyCommand !== undefined) {
    return new OverlayError('sshProtocol', { host, address, message: 'ssh refuses a host key on the way there' });
  }
  const fingerprint = shown?.split(' ')[1] ?? '';
  if (settings.unsupportedOptions?.some((option) => option.startsWith('KnownHostsCommand '))) {
    const message = `ssh refuses the host key ${fingerprint}: by KnownHostsCommand or RevokedHostKeys`;
    return new OverlayError('sshProtocol', { host, address, message });
  }
  return new OverlayError('hostKeyRevoked', { host, fingerprint, path: 'the SSH configuration' });
}
