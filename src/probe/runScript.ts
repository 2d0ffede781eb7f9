import { LineSplitter } from '../base/text/lines';
import type { Logger } from '../base/logger';
import type { Engine } from '../engine/api';
import type { HostName } from '../model/host/host';
import { bounded } from './bounded';

/** A container of ours that runs: a probe, a helper. */
export interface RunningContainer {
  readonly host: HostName;
  readonly engine: Engine;
  readonly containerId: string;
}

export interface ScriptOptions {
  /** For the person who waits: "run the pings". */
  readonly what: string;
  /** Deadline. */
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Each whole line of its standard output as it comes. */
  readonly onLine: (line: string) => void;
  /** Its standard error, in chunks; it is noted in any case. */
  readonly onErrors?: (words: string) => void;
}

/**
 * Runs a shell script (POSIX, busybox) in a container to its end.
 *
 * @returns its exit code
 * @throws OverlayError what the engine refused, `requestTimeout`, `cancelled`.
 */
export function runScript(
  { host, engine, containerId }: RunningContainer,
  script: string,
  { what, ms, signal, logger, onLine, onErrors }: ScriptOptions,
): Promise<number> {
  const lines = new LineSplitter();
  return bounded({ host, what, ms, signal }, async (request) => {
    const code = await engine.containers.exec(
      containerId,
      {
        command: ['sh', '-c', script],
        onStdout: (chunk) => lines.push(chunk).forEach(onLine),
        onStderr: (chunk) => {
          onErrors?.(chunk.toString());
          logger.debug(`${host}: ${chunk.toString().trim().slice(0, 500)}`);
        },
      },
      request,
    );
    // What ended without a line break is a line, too.
    const last = lines.end();
    if (last !== undefined) onLine(last);
    return code;
  });
}
