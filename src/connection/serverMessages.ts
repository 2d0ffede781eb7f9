import type { Disposable } from '../base/disposable';
import type { Logger } from '../base/logger';
import type { StageListener } from '../model/host/connectStage';
import type { PausableDeadline } from './pausableDeadline';
import { oneLine } from '../base/text/oneLine';
import type { ConnectionPrompts, LoginNotice } from './prompts';

const maxLength = 4_000;
/** Most banners are notices of the law and ask for nothing: shown is what the login waits for so long. */
const showAfterMs = 3_000;
const maxShown = 5;
const maxHeard = 100;
/** Time to do elsewhere what the server tells: open a link, enter a code, confirm on a telephone. */
export const actionMs = 300_000;
/** Words that want something done; notices of the law and warnings have none of them as a rule. */
const wantsAct = /https?:\/\/|\bcode\b|\b[A-Z0-9]{4}-[A-Z0-9]{4}\b|\btouch|\btap\b|\bpush|approve/i;

const speakers = { server: 'the server', ssh: 'ssh', proxyCommand: 'the ProxyCommand' } as const;

/** Text of a server for a person to read: line breaks stay, other control characters go, at most 4,000 characters. */
export function readableText(text: string): string {
  const plain = text
    .slice(0, 2 * maxLength)
    .replace(/\r\n?/g, '\n')
    .replace(/\t/g, ' ')
    .replace(/[^\P{C}\n]/gu, '')
    .trim();
  return plain.length > maxLength ? `${plain.slice(0, maxLength - 1)}…` : plain;
}

export interface ServerMessagesOptions extends Pick<LoginNotice, 'host' | 'hop' | 'from'> {
  readonly prompts: ConnectionPrompts;
  readonly deadline: PausableDeadline;
  readonly logger: Logger;
  /** Of the server that speaks. */
  readonly onStage: StageListener;
}

/**
 * What is said during a login beside its questions: banners, and the rounds of keyboard-interactive that only tell
 * something. It goes with the next question, or is shown when nothing else happens; the deadline leaves time to act on it.
 * After {@link dispose}, when the login is over, nothing is heard any more.
 */
export class ServerMessages implements Disposable {
  private text = '';
  private timer: NodeJS.Timeout | undefined;
  private heard = 0;
  private shown = 0;
  private until: number | undefined;
  private isOver = false;
  private waitsFor = '';
  private last: LoginNotice['from'];

  constructor(private readonly options: ServerMessagesOptions) {
    this.last = options.from;
  }

  /**
   * Something was said.
   *
   * @param from who, where it is not the one of the options
   * @param isAct something is to be done now; told by the words when not given
   */
  hear(said: string, from = this.options.from, isAct?: boolean): void {
    const text = readableText(said);
    // Who goes on and on says nothing.
    if (this.isOver || text === '' || this.heard++ >= maxHeard) return;
    const { host, logger, onStage } = this.options;
    this.last = from;
    // Of what is too long the end stays: the instruction that a question follows.
    this.text = `${this.text}\n${text}`.trim().slice(-maxLength);
    const detail = `${speakers[from]} says: ${oneLine(text)}`;
    logger.info(`${host}: ${detail}`);
    // A command speaks before there is a server.
    const stage = from === 'proxyCommand' ? 'hostKey' : 'authentication';
    onStage({ stage, state: 'begun', detail });
    if (isAct ?? wantsAct.test(text)) this.waitElsewhere(`what ${speakers[from]} had said to be done`);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), showAfterMs);
  }

  /** What was heard since the last question, to go with the next one. */
  take(): string | undefined {
    const { text } = this;
    this.text = '';
    clearTimeout(this.timer);
    return text === '' ? undefined : text;
  }

  /** A person has answered: the server may want something else of him now, as on his telephone. */
  answered(): void {
    this.until = undefined;
    this.waitElsewhere('what follows the answer');
  }

  /** Why the time is over, where it was waited for more than the usual one. */
  get overdue(): string | undefined {
    return this.until === undefined ? undefined : `${this.waitsFor} took longer than ${actionMs / 60_000} minutes`;
  }

  dispose(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  /** Where nobody reads, nobody acts. Further words get no further time; an answer of a person does. */
  private waitElsewhere(what: string): void {
    const { prompts, deadline } = this.options;
    if (!prompts.notify) return;
    if (this.until === undefined) this.waitsFor = what;
    this.until ??= performance.now() + actionMs;
    deadline.allow(Math.max(0, this.until - performance.now()));
  }

  private show(): void {
    const { host, hop, prompts } = this.options;
    const { text } = this;
    if (this.shown++ >= maxShown) return;
    prompts.notify?.({ host, from: this.last, text, ...(hop === undefined ? {} : { hop }) });
  }
}
