import { promises as fs } from 'node:fs';
import path from 'node:path';
import { OverlayError } from '../base/errors';
import { throwIfAborted, withDeadline } from '../base/time';
import { atHop } from '../model/connectStage';
import { GuardedProcess } from './guardedProcess';
import { RecordedHostKeys, unknownHostKey } from './hostKey';
import { parseKnownHosts } from './knownHosts';
import { makePrivateDirectory, removePrivateDirectory } from './privateDirectory';
import { unlessAborted } from './stopwatch';
import type { SshSettings } from './sshConfig';
import { resolveJump } from './sshRoute';
import { learnArguments, privateConfig, privateFiles, type SshTarget } from './systemSshConfig';
import { systemSshFailure } from './systemSshErrors';
import type { SystemSshRequest } from './systemSshLink';
import { SystemSshLog } from './systemSshLog';
import { formatAddress } from './text';

const learnTimeoutMs = 30_000;

interface Hop {
  readonly target: SshTarget;
  readonly settings: SshSettings;
  /** Name of a jump host; undefined for the host itself. */
  readonly name?: string;
}

/**
 * To be called when ssh has refused a host key: judges the keys of all servers on the way, the first one first, and asks
 * a person about the first that is unknown. Returns when one has been remembered.
 *
 * @throws OverlayError `hostKeyUnknown` when declined, `hostKeyChanged`, `hostKeyRevoked`, `hostCertificateInvalid`.
 */
export async function confirmHostKeys(request: SystemSshRequest): Promise<void> {
  const { host, prompts, signal, onStage } = request;
  for (const hop of await hopsOf(request)) {
    const recorded = await RecordedHostKeys.read(host, hop.settings);
    const key = await learnHostKey(request, hop, recorded);
    const decision = recorded.decide(key, undefined, true);
    if (decision.kind === 'trusted') continue;
    if (decision.kind === 'refused') throw decision.error;
    const detail = 'waiting for the host key to be confirmed';
    atHop(onStage, hop.name)({ stage: 'hostKey', state: 'begun', detail });
    const question = unknownHostKey(host, recorded.name, decision.key);
    const trusted = await unlessAborted(prompts.trustHostKey(question, signal), signal);
    throwIfAborted(signal);
    if (!trusted) throw new OverlayError('hostKeyUnknown', { ...question });
    await recorded.remember(decision.key);
    return;
  }
  const { hostName, port } = request.settings;
  const message = 'ssh refuses the host key, although known_hosts has it';
  throw new OverlayError('sshProtocol', { host, address: formatAddress(hostName, port), message });
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
async function learnHostKey(request: SystemSshRequest, hop: Hop, recorded: RecordedHostKeys): Promise<Buffer> {
  const { host, source, program, signal } = request;
  const dir = await makePrivateDirectory();
  let process: GuardedProcess | undefined;
  try {
    await fs.writeFile(path.join(dir, privateFiles.config), privateConfig(source, hop.settings), { mode: 0o600 });
    // ssh removes nothing, but its guard does; what is learned is read before.
    const learned = path.join(dir, privateFiles.learned);
    await fs.writeFile(learned, '', { mode: 0o600 });
    const file = await fs.open(learned, 'r');
    try {
      const log = new SystemSshLog(hop.settings, () => undefined, false);
      const args = learnArguments(dir, hop.target, recorded.knownAlgorithms());
      const env = { ...source.env, SSH_ASKPASS_REQUIRE: 'never' };
      const running = new GuardedProcess(dir, [program, ...args], env, (line) => log.line(line));
      process = running;
      const late = () => tooSlow(host, hop.settings);
      const end = await withDeadline(learnTimeoutMs, late, signal, () => running.ended);
      const [line] = parseKnownHosts(await file.readFile('utf8'), learned);
      if (line) return line.key;
      const failure = systemSshFailure(log, end.code, host, hop.settings);
      throw failure.kind === 'error' ? failure.error : revokedByFile(host, recorded.name, log.hostKey);
    } finally {
      await file.close();
    }
  } finally {
    process?.end();
    await process?.ended;
    await removePrivateDirectory(dir);
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
