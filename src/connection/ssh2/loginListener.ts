import type { AuthenticationType, Client } from 'ssh2';

/** What a server says during a login and ssh2 hears without telling. */
export interface LoginListener {
  /** A method was refused, or was one of several that are wanted. @param left methods that may follow */
  onMethods(left: readonly AuthenticationType[], partial: boolean): void;
  /** A round of keyboard-interactive without questions (RFC 4256, 3.2): ssh2 answers it, and drops its words. */
  onWordsOnly(name: string, instruction: string): void;
  /** The server has said what keys may sign with. @returns those of them that are used; ssh2 takes the first it knows. */
  onSignatureAlgorithms(names: readonly string[]): string[];
}

type Handlers = Record<string, ((...args: unknown[]) => unknown) | undefined>;

/**
 * Listens to messages of the login before ssh2's own handlers do. To be called after `connect`. It reaches into ssh2:
 * that the places are there is checked here, and by a test against a server.
 */
export function listenToLogin(client: Client, listener: LoginListener): void {
  const handlers = (client as unknown as { _protocol?: { _handlers?: Handlers } })._protocol?._handlers;
  if (!handlers) throw new Error('this version of ssh2 has its handlers elsewhere');
  before(handlers, 'USERAUTH_FAILURE', (_protocol, left, partial) => {
    if (Array.isArray(left)) listener.onMethods(left as AuthenticationType[], partial === true);
  });
  before(handlers, 'EXT_INFO', (_protocol, extensions) => {
    for (const extension of extensions as { name: string; algs?: string[] }[]) {
      if (extension.algs) extension.algs = listener.onSignatureAlgorithms(extension.algs);
    }
  });
  before(handlers, 'USERAUTH_INFO_REQUEST', (_protocol, name, instruction, prompts) => {
    const isWordsOnly = !Array.isArray(prompts) || prompts.length === 0;
    if (isWordsOnly) listener.onWordsOnly(String(name), String(instruction));
  });
}

function before(handlers: Handlers, name: string, listen: (...args: unknown[]) => void): void {
  const own = handlers[name];
  if (!own) throw new Error(`this version of ssh2 does not handle ${name}`);
  handlers[name] = (...args) => {
    listen(...args);
    return own(...args);
  };
}
