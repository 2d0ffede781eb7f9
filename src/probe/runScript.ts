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
  /**
   * What it printed last is a line also without a line break. Not where a line is a measurement: one that was cut off reads like
   * another result.
   */
  readonly takesUnendedLine?: boolean;
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
  { what, ms, signal, logger, onLine, onErrors, takesUnendedLine = false }: ScriptOptions,
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
    const last = takesUnendedLine ? lines.end() : undefined;
    if (last !== undefined) onLine(last);
    return code;
  });
}
