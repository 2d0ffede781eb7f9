import { promises as fs } from 'node:fs';
import path from 'node:path';
import { OverlayError } from '../../base/errors';
import { skipStages } from '../../model/host/connectStage';
import { ControlMaster, type OpensshConnection } from './controlMaster';
import { makePrivateDirectory } from './privateDirectory';
import { serverAddress } from '../sshConfig/settings';
import { masterArguments, privateFiles } from './configFiles';
import { opensshFailure } from './errors';
import { confirmHostKeys } from './confirmHostKeys';
import { OpensshRun, type OpensshRequest } from './sshRun';
import { systemCode } from '../errors';

/**
 * Login of one server. ssh itself allows 10 s for connecting and the key exchange; a person may have to confirm in a
 * window of the agent, which ssh does not tell.
 */
const loginTimeoutMs = 60_000;
/** Unknown keys of several hops. */
const maxAttempts = 6;

/**
 * Logs in with the ssh program, by what needs no question. Unknown host keys are shown to a person and written to
 * known_hosts by us; then it is run again.
 *
 * @throws OverlayError of `base/reasons/connection`.
 */
export async function openOpensshConnection(request: OpensshRequest): Promise<OpensshConnection> {
  for (let attempt = 1; ; attempt += 1) {
    const link = await openOnce(request);
    if (link) return link;
    if (attempt >= maxAttempts) throw keysChange(request);
    await confirmHostKeys(request);
  }
}

/** @returns undefined when ssh has refused a host key. */
async function openOnce(request: OpensshRequest): Promise<OpensshConnection | undefined> {
  const dir = await makePrivateDirectory();
  const attempt = new LoginAttempt(request, dir);
  try {
    const link = await attempt.run();
    if (!link) await attempt.close();
    return link;
  } catch (error) {
    await attempt.close();
    throw error;
  }
}

/** One run of ssh, until it is logged in. */
class LoginAttempt {
  private readonly ssh: OpensshRun;
  private link: ControlMaster | undefined;

  constructor(
    private readonly request: OpensshRequest,
    private readonly dir: string,
  ) {
    const { settings } = request;
    const servers = 1 + (settings.proxyJump?.split(',').length ?? 0);
    const timeoutMs = loginTimeoutMs * servers;
    this.ssh = new OpensshRun({ request, settings, dir, timeoutMs, what: 'the login' });
  }

  run(): Promise<OpensshConnection | undefined> {
    return this.ssh.during(() => this.login());
  }

  /** Ends what was begun and leaves nothing of it. */
  close(): Promise<void> {
    return this.ssh.close();
  }

  /** What ssh does inside is not seen from outside: its stages are one. */
  private async login(): Promise<OpensshConnection | undefined> {
    const { request, dir, ssh } = this;
    const { settings, host, target, onStage } = request;
    skipStages(onStage, 'the ssh program does it', 'resolve', 'tcp', 'hostKey');
    onStage({ stage: 'authentication', state: 'begun', detail: 'the ssh program logs in' });
    const hear = (line: string) => this.hear(line);
    // The control socket is there once ssh has logged in; that no server can write.
    const isUp = () => exists(path.join(dir, privateFiles.control));
    const { process, end } = await ssh.startUntil(masterArguments(dir, target), hear, isUp);
    if (end) {
      const failure = opensshFailure(ssh.log, end.code, host, settings);
      if (failure === 'hostKey') return undefined;
      throw failure;
    }
    onStage({ stage: 'authentication', state: 'done', detail: `${settings.user}, by the ssh program` });
    this.link = new ControlMaster(dir, process, request);
    return this.link;
  }

  private hear(line: string): void {
    if (this.link) {
      this.link.hear(line);
      return;
    }
    this.request.logger.debug(`${this.request.host}: ssh: ${line}`);
    this.ssh.log.line(line);
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await fs.access(file);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return false;
  }
}

function keysChange({ host, settings }: OpensshRequest): OverlayError {
  const message = 'the servers on the way keep changing their keys';
  return new OverlayError('sshProtocol', { host, address: serverAddress(settings), message });
}
