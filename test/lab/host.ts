import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { Daemon } from './daemon';
import { emptyEngine, engineLeftovers, engineOf, wipeEngine } from './engine';
import { HostFaults } from './faults';
import { gossipEnded } from './gossipPort';
import { loadTestImage, testImageArchive } from './image';
import { fingerprintOf, type HostKeyType } from './keys';
import { LabMachine } from './machine';
import { sshdOf, type SshdOptions } from './sshd';
import type { MachineState } from './state';

/** A further SSH server that a test started. */
export interface SshdHandle {
  port: number;
  daemon: Daemon;
  log(): string;
  /** Ends it and its open connections. */
  stop(): Promise<void>;
}

/** A Docker host of a lab: an engine and an SSH server on a machine of their own. */
export class LabHost extends LabMachine {
  /** The engine's socket, by a path that works outside and in the workstation (not in the host: there it is at the usual place). */
  readonly socketPath: string;
  readonly dockerd: Daemon;
  readonly sshd: Daemon;
  readonly fault: HostFaults;

  constructor(labName: string, state: MachineState, sw: LabMachine, addressOf: (machine: string) => string) {
    super(labName, state);
    this.socketPath = join(this.dir, 'run/docker.sock');
    this.dockerd = engineOf(this);
    this.sshd = sshdOf(this, { port: 22 });
    this.fault = new HostFaults(this, sw, addressOf);
  }

  /** Everything the engine has written since the lab is up. */
  dockerdLog(): string {
    return this.dockerd.log();
  }

  /** A host key's fingerprint as ssh shows it, `SHA256:...`. */
  hostKeyFingerprint(type: HostKeyType = 'ed25519'): string {
    return fingerprintOf(this.publicHostKey(type));
  }

  /** A public host key, `type base64 comment`. */
  publicHostKey(type: HostKeyType = 'ed25519'): string {
    return readFileSync(join(this.dir, 'etc/ssh', `ssh_host_${type}_key.pub`), 'utf8').trim();
  }

  /** Starts a further SSH server on this host, with another configuration. Resolves once it accepts connections. */
  async startSshd(options: SshdOptions): Promise<SshdHandle> {
    if (options.port === 22)
      throw new Error('Port 22 is taken by the host itself; choose another for a further SSH server.');
    const daemon = sshdOf(this, options);
    await daemon.start();
    return {
      port: options.port,
      daemon,
      log: () => daemon.log(),
      stop: async () => {
        await daemon.kill();
        daemon.forget();
      },
    };
  }

  /** Makes the host as it was when the lab came up, apart from files that were written there. */
  async reset(): Promise<void> {
    await this.fault.clear();
    await this.empty();
  }

  /** As reset, for a host without faults. */
  async empty(): Promise<void> {
    try {
      await emptyEngine(this.socketPath);
      await gossipEnded(this);
    } catch {
      await wipeEngine(this, this.dockerd);
    }
    await loadTestImage(this.socketPath, await testImageArchive());
  }

  /**
   * Starts a container that sleeps, in an overlay network. Docker gives an attachment 20 s and then fails for good; on a
   * busy machine a young swarm may need longer, so what a person would type again is done again, twice.
   */
  async runInNetwork(name: string, network: string): Promise<void> {
    const command = [
      'docker',
      'run',
      '-d',
      '--init',
      '--name',
      name,
      '--network',
      network,
      'alpine',
      'sleep',
      '100000',
    ];
    for (let triesLeft = 2; ; triesLeft -= 1) {
      const { code, stderr } = await this.exec(command);
      if (code === 0) return;
      await this.exec(['docker', 'rm', '-f', name]);
      if (triesLeft === 0 || !stderr.includes('attaching to network failed')) {
        throw new Error(`${this.name}: ${command.join(' ')}: ${stderr}`);
      }
    }
  }

  /** What somebody left on the engine, in words. Empty when nothing. */
  leftovers(): Promise<string[]> {
    return engineLeftovers(this.socketPath);
  }
}
