import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/**
 * Names this window on the containers it makes, so that another window can tell whether it still lives:
 * `machine.pid.random`. The machine is a hash: what it is called is nobody's business on a server.
 */
export class WindowOwner {
  readonly label: string;
  private readonly machine: string;

  /** @param machineId what VS Code calls this machine; in a browser it may be the same everywhere. */
  constructor(machineId: string) {
    this.machine = createHash('sha256').update(`${machineId} ${hostname()}`).digest('hex').slice(0, 16);
    this.label = `${this.machine}.${process.pid}.${randomUUID()}`;
  }

  /**
   * Whether the window of a label may still live. Only of this machine's windows it can be known that they do not;
   * for the others the age of their containers decides, by the clock of the engine that has them.
   */
  isAlive(label: string): boolean {
    const [machine, pidText] = label.split('.');
    const pid = Number(pidText);
    if (machine !== this.machine || !Number.isInteger(pid) || pid <= 0) return true;
    // The same process with another random part: an extension host that was used again.
    if (pid === process.pid) return label === this.label;
    return isRunning(pid);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
