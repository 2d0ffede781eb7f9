import { oneLine } from './text/oneLine';
import { redact } from './text/redact';

/** Where details go that a person may want later. Each message is one line, without secrets, before it reaches a sink. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

/** A sink for finished lines, e.g. VS Code's `LogOutputChannel`. */
export type LogSink = Record<'debug' | 'info' | 'warn' | 'error', (line: string) => void>;

/** Characters of a message that are logged. */
const max = 4_000;
/** V8 keeps ten frames of a stack; what looks like further ones before them is part of the message. */
const maxFrames = 10;

/** Makes a logger whose every line, error texts and causes included, passes {@link oneLine}: nobody's words forge a line. */
export function createLogger(sink: LogSink): Logger {
  return {
    debug: (message) => sink.debug(oneLine(message, { max })),
    info: (message) => sink.info(oneLine(message, { max })),
    warn: (message) => sink.warn(oneLine(message, { max })),
    error: (message, error) => {
      const words = error === undefined ? message : `${message}: ${chain(error)}`;
      sink.error([oneLine(words, { max }), ...framesOf(error)].join('\n'));
    },
  };
}

/** A logger that says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Message and causes of an error. */
function chain(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  const own = `${error.name}: ${error.message.slice(0, max)}`;
  return error.cause !== undefined && depth < 4 ? `${own} <- ${chain(error.cause, depth + 1)}` : own;
}

/** Where an error that is not ours was made; one with a cause is told by its causes. */
function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || error.cause !== undefined || error.name === 'OverlayError') return [];
  const lines = (error.stack ?? '').slice(-2 * max).split('\n');
  return lines
    .filter((line) => /^ {4}at /.test(line))
    .slice(-maxFrames)
    .map(redact);
}
