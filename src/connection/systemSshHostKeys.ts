import { promises as fs } from 'node:fs';
import path from 'node:path';
import { OverlayError } from '../base/errors';
import { throwIfAborted, unlessAborted } from '../base/time';
import { atHop } from '../model/connectStage';
import { RecordedHostKeys, unknownHostKey } from './hostKey';
import { parseKnownHosts } from './knownHosts';
import { makePrivateDirectory } from './privateDirectory';
import type { SshSettings } from './sshConfig';
import { resolveJump } from './sshRoute';
import { learnArguments, privateFiles, type SshTarget } from './systemSshConfig';
import { systemSshFailure } from './systemSshErrors';
import type { SystemSshRequest } from './systemSshLink';
import { isSameHost, SystemSshLog } from './systemSshLog';
import { SystemSshRun } from './systemSshRun';
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
  const read = async (hop: Hop) => ({
    ...hop,
    recorded: await RecordedHostKeys.read(request.host, hop.settings, request.keyRing.hostKeys),
  });
  const hops = await Promise.all((await hopsOf(request)).map(read));
  const named = hops.filter((hop) => refused !== undefined && isSameHost(hop.recorded.name, refused));
  return named.length > 0 ? named : hops;
}

/** Shows the key to a person, and remembers it when it is trusted. */
async function askForTrust({ host, prompts, signal, onStage }: SystemSshRequest, hop: Suspect, key: Buffer) {
  const { recorded, name } = hop;
  const refuseForgetful = (why: string | undefined) => {
    if (why === undefined) return;
    const message = `the key of ${recorded.name} is not known, and the ssh program takes only remembered ones; ${why}`;
    throw new OverlayError('sshConfigInvalid', { host, message });
  };
  refuseForgetful(await recorded.forgetful());
  atHop(onStage, name)({ stage: 'hostKey', state: 'begun', detail: 'waiting for the host key to be confirmed' });
  const question = unknownHostKey(host, recorded.name, key);
  const trusted = await unlessAborted(prompts.trustHostKey(question, signal), signal);
  throwIfAborted(signal);
  if (!trusted) throw new OverlayError('hostKeyUnknown', { ...question });
  refuseForgetful(await recorded.remember(key));
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
  private readonly log: SystemSshLog;
  private readonly ssh: SystemSshRun;
  private onAdded: () => void = () => undefined;

  constructor(
    private readonly request: SystemSshRequest,
    private readonly hop: Suspect,
    private readonly dir: string,
  ) {
    const { settings } = hop;
    this.log = new SystemSshLog(settings, () => undefined, false);
    const { log } = this;
    const late = () => tooSlow(request.host, settings);
    this.ssh = new SystemSshRun({ request, settings, dir, log, timeoutMs: learnTimeoutMs, tooSlow: late });
  }

  run(): Promise<Buffer> {
    return this.ssh.during(() => this.learn());
  }

  /** Ends what was begun and leaves nothing of it. */
  close(): Promise<void> {
    return this.ssh.close();
  }

  private async learn(): Promise<Buffer> {
    const { dir, hop, request } = this;
    const learned = path.join(dir, privateFiles.learned);
    await fs.writeFile(learned, '', { mode: 0o600 });
    // The guard of ssh removes the directory at its end: the file is open before.
    const file = await fs.open(learned, 'r');
    try {
      await this.ssh.prepare();
      const code = await this.shakeHands();
      const [line] = parseKnownHosts(await file.readFile('utf8'), learned);
      if (line) return line.key;
      const failure = systemSshFailure(this.log, code, request.host, hop.settings);
      throw failure.kind === 'error' ? failure.error : revokedByFile(request.host, hop.recorded.name, this.log.hostKey);
    } finally {
      await file.close();
    }
  }

  /** Runs ssh until it has written the key or has ended. @returns its exit code. */
  private async shakeHands(): Promise<number | undefined> {
    const { dir, hop, ssh } = this;
    const args = learnArguments(dir, hop.target, hop.recorded.knownAlgorithms());
    const added = new Promise<undefined>((resolve) => (this.onAdded = () => resolve(undefined)));
    const { ended } = ssh.start(args, (line) => this.hear(line));
    // A server that wants no authentication lets ssh in, which then stays.
    const end = await Promise.race([ended, added]);
    return end?.code;
  }

  private hear(line: string): void {
    this.request.logger.debug(`${this.request.host}: ssh, for the host key: ${line}`);
    this.log.line(line);
    if (line.startsWith('Authenticated to ')) this.ssh.answers.succeeded();
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
