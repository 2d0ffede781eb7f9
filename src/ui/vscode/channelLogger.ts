import type { LogOutputChannel } from 'vscode';
import { createLogger, type Logger } from '../../base/logger';

/** The logger that writes to the extension's output channel; every line is redacted on its way. */
export function createChannelLogger(channel: LogOutputChannel): Logger {
  return createLogger({
    debug: (line) => channel.debug(line),
    info: (line) => channel.info(line),
    warn: (line) => channel.warn(line),
    error: (line) => channel.error(line),
  });
}
