import { promises as fs } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Disposable } from '../base/disposable';
import { privateFiles } from './systemSshConfig';

/** What ssh wants to know: a secret, a yes or no, or nothing: it only tells something ("Confirm user presence"). */
export interface AskpassQuestion {
  readonly kind: 'secret' | 'confirm' | 'notice';
  readonly prompt: string;
}

/** Answers ssh. `undefined` refuses. A notice is over when its signal aborts. */
export type AskpassAnswerer = (question: AskpassQuestion, signal: AbortSignal) => Promise<string | undefined>;

const maxQuestionBytes = 16 * 1024;

/** Run by ssh as its askpass program: carries the question to us and the answer back, on a socket only we two can open. */
const program = `'use strict';
const socket = require('node:net').connect(process.argv[2]);
const kind = { confirm: 'confirm', none: 'notice' }[process.env.SSH_ASKPASS_PROMPT] || 'secret';
let text = '';
socket.setEncoding('utf8');
socket.on('connect', () => socket.write(JSON.stringify({ kind, prompt: process.argv[3] || '' }) + '\\n'));
socket.on('data', (chunk) => { text += chunk; });
socket.on('error', () => process.exit(1));
socket.on('end', () => {
  const answer = text === '' ? undefined : JSON.parse(text).answer;
  if (typeof answer !== 'string') process.exit(1);
  process.stdout.write(answer + '\\n', () => process.exit(0));
});
`;

/** The way for ssh to ask us: a script in the private directory, and the socket it asks at. No secret is in either. */
export class Askpass implements Disposable {
  private readonly sockets = new Set<net.Socket>();

  private constructor(
    private readonly server: net.Server,
    private readonly script: string,
    private readonly answer: AskpassAnswerer,
  ) {
    server.on('connection', (socket) => this.serve(socket));
  }

  /** @param dir the private directory. */
  static async open(dir: string, answer: AskpassAnswerer): Promise<Askpass> {
    const at = (name: string) => path.join(dir, name);
    const script = at(privateFiles.askpass);
    const words = [process.execPath, at(privateFiles.askpassProgram), at(privateFiles.questions)].map(shellQuote);
    await fs.writeFile(at(privateFiles.askpassProgram), program, { mode: 0o600 });
    // In an editor our own program is the editor, unless it is told to be Node.js.
    const line = `NODE_OPTIONS= ELECTRON_RUN_AS_NODE=1 exec ${words.join(' ')} "$1"`;
    await fs.writeFile(script, `#!/bin/sh\n${line}\n`, { mode: 0o700 });
    const server = net.createServer();
    const askpass = new Askpass(server, script, answer);
    await new Promise<void>((resolve, reject) => {
      // For its whole life: an 'error' nobody hears, as of too many open files, would end the process.
      server.on('error', reject);
      server.listen(at(privateFiles.questions), resolve);
    });
    return askpass;
  }

  /** For the environment of ssh. Versions before 8.4 want a display to ask at all. */
  environment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
    return { SSH_ASKPASS: this.script, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: env['DISPLAY'] || ':0' };
  }

  dispose(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private serve(socket: net.Socket): void {
    const controller = new AbortController();
    let text = '';
    let isAsked = false;
    this.sockets.add(socket);
    socket.setEncoding('utf8');
    // ssh ends its askpass by force when it has no more use for it.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      controller.abort();
    });
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > maxQuestionBytes) socket.destroy();
      if (isAsked || !text.includes('\n')) return;
      isAsked = true;
      void this.reply(socket, text, controller.signal);
    });
  }

  private async reply(socket: net.Socket, text: string, signal: AbortSignal): Promise<void> {
    let answer: string | undefined;
    try {
      const question = parseQuestion(text);
      answer = question ? await this.answer(question, signal) : undefined;
    } catch {
      // What is not readable, or cannot be answered, is refused: ssh goes on without an answer.
      answer = undefined;
    }
    if (!socket.destroyed) socket.end(answer === undefined ? '' : JSON.stringify({ answer }));
  }
}

function parseQuestion(text: string): AskpassQuestion | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('prompt' in value)) return undefined;
  const { kind, prompt } = value;
  if (typeof prompt !== 'string') return undefined;
  return kind === 'secret' || kind === 'confirm' || kind === 'notice' ? { kind, prompt } : undefined;
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
