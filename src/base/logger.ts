import { redact } from './redact';

/** Where details go that a person may want later. Every line is redacted before it reaches a sink. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

/** A sink for finished lines, e.g. VS Code's `LogOutputChannel`. */
export type LogSink = Record<'debug' | 'info' | 'warn' | 'error', (line: string) => void>;

/** Makes a logger whose every line, error texts and causes included, passes {@link redact}. */
export function createLogger(sink: LogSink): Logger {
  return {
    debug: (message) => sink.debug(redact(message)),
    info: (message) => sink.info(redact(message)),
    warn: (message) => sink.warn(redact(message)),
    error: (message, error) => sink.error(redact(error === undefined ? message : `${message}: ${chain(error)}`)),
  };
}

/** A logger that says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Message and causes of an error on one line, the stack of the innermost last. */
function chain(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  const own = `${error.name}: ${error.message}`;
  if (error.cause !== undefined && depth < 4) return `${own} <- ${chain(error.cause, depth + 1)}`;
  return depth === 0 && error.name !== 'OverlayError' ? (error.stack ?? own) : own;
}
