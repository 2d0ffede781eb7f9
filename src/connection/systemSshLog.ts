import { atHop, skipStages, type StageListener } from '../model/connectStage';
import type { SshSettings } from './sshConfig';
import { formatAddress, oneLine } from './text';

const maxWords = 40;

/** What the ssh program has told of a login, as far as it is needed for a reason. */
export interface LoginFacts {
  /** What it said, without its debugging lines. */
  readonly words: readonly string[];
  /** Keys offered and methods tried, for the list of what was tried. */
  readonly tried: readonly string[];
  /** The key the server showed: "ssh-ed25519 SHA256:...". */
  readonly hostKey?: string;
  /** An authentication was under way. */
  readonly wasAuthenticating: boolean;
}

/** The server that ssh is logging in to: whoever it asks for now. */
export interface SshAsker {
  readonly user: string;
  /** As ssh connects to it, in small letters. */
  readonly host: string;
  readonly port: number;
  /** "publickey"; undefined before the first one. */
  readonly method?: string;
}

/** Whether two names of a host are the same to ssh. */
export const isSameHost = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/**
 * Reads what `ssh` writes at `LogLevel DEBUG1` and reports the stages of the login by it. The debugging lines are used
 * for showing only; what was refused is read from the words meant for people, see `systemSshErrors`.
 */
export class SystemSshLog implements LoginFacts {
  readonly words: string[] = [];
  readonly tried: string[] = [];
  hostKey: string | undefined;
  wasAuthenticating = false;
  asker: SshAsker | undefined;
  private report: StageListener;
  private isKeyReported = false;

  /** @param confirmed a person has just confirmed the host key. */
  constructor(
    private readonly settings: SshSettings,
    private readonly onStage: StageListener,
    private readonly confirmed: boolean,
  ) {
    this.report = onStage;
  }

  /** Takes one line of stderr. */
  line(text: string): void {
    if (text.startsWith('debug1: ')) this.detail(text.slice('debug1: '.length));
    else if (text.startsWith('Authenticated to ')) this.loggedIn(text);
    else if (!/^(OpenSSH_|debug\d: |Warning: Permanently added)/.test(text)) this.keep(text);
  }

  private detail(text: string): void {
    const connecting = /^Connecting to (.+) \[(.+)\] port (\d+)\.?$/.exec(text);
    if (connecting) this.connecting(connecting[1] ?? '', connecting[2] ?? '', connecting[3] ?? '');
    else if (text.startsWith('Connection established')) this.report({ stage: 'tcp', state: 'done' });
    else if (text.startsWith('Executing proxy command') || text.startsWith('Executing proxy dialer command')) {
      this.proxied();
    } else if (text.startsWith('Authenticating to ')) this.greeted(text);
    else if (/^Server host (key|certificate): /.test(text)) this.hostKey = hostKeyIn(text);
    else if (text.startsWith('Authentications that can continue')) this.keyTrusted();
    else this.method(text);
  }

  private connecting(host: string, address: string, port: string): void {
    this.chooseHop(host, Number(port));
    if (address === host) skipStages(this.report, `${host} is an address`, 'resolve');
    else this.report({ stage: 'resolve', state: 'done', detail: address });
    this.report({ stage: 'tcp', state: 'begun', detail: formatAddress(address, Number(port)) });
  }

  private proxied(): void {
    skipStages(this.onStage, 'the way there does it', 'resolve');
    const { hostName, port } = this.settings;
    this.onStage({ stage: 'tcp', state: 'begun', detail: formatAddress(hostName, port) });
  }

  private greeted(text: string): void {
    const target = /^Authenticating to (.+):(\d+) as '(.*)'/.exec(text);
    if (target) {
      const [host = '', port, user = ''] = target.slice(1);
      this.asker = { user, host, port: Number(port) };
      this.chooseHop(host, Number(port));
    }
    this.hostKey = undefined;
    this.isKeyReported = false;
    this.wasAuthenticating = false;
    this.report({ stage: 'tcp', state: 'done' });
    this.report({ stage: 'hostKey', state: 'begun' });
  }

  /** A server that lets talk of logins is one whose key was accepted. */
  private keyTrusted(): void {
    this.wasAuthenticating = true;
    if (this.isKeyReported) return;
    this.isKeyReported = true;
    // What was said before was no failure: warnings, and the banner of the server, which may be long.
    this.words.length = 0;
    const how = this.confirmed ? 'confirmed and remembered' : 'known';
    this.report({ stage: 'hostKey', state: 'done', detail: `${this.hostKey ?? 'host key'}, ${how}` });
    this.report({ stage: 'authentication', state: 'begun' });
  }

  private method(text: string): void {
    const offered = /^(?:Offering public key|Trying private key): (.+)$/.exec(text);
    if (offered) this.note(keyLabel(offered[1] ?? ''));
    const next = /^Next authentication method: (.+)$/.exec(text)?.[1];
    if (next === undefined) return;
    if (this.asker) this.asker = { ...this.asker, method: next };
    if (next !== 'publickey') this.note(oneLine(next));
  }

  private loggedIn(text: string): void {
    // Let in without any talk: authentication "none".
    this.keyTrusted();
    const method = /using "([^"]+)"/.exec(text)?.[1] ?? 'unknown method';
    const by = method === 'publickey' ? (this.tried.at(-1) ?? method) : method;
    this.report({ stage: 'authentication', state: 'done', detail: `${this.settings.user}, ${by}` });
  }

  private chooseHop(host: string, port: number): void {
    const isTarget = isSameHost(host, this.settings.hostName) && port === this.settings.port;
    this.report = atHop(this.onStage, isTarget ? undefined : host);
  }

  private note(label: string): void {
    if (!this.tried.includes(label)) this.tried.push(label);
  }

  private keep(text: string): void {
    const missing = /^no such identity: (.+): /.exec(text)?.[1];
    if (missing !== undefined) {
      this.tried.splice(0, this.tried.length, ...this.tried.filter((label) => label !== missing));
      return;
    }
    // The frame and the shouting around a changed key tell nothing.
    if (text.trim() === '' || /^@+$/.test(text) || this.words.length >= maxWords) return;
    this.words.push(text);
  }
}

/** "/home/me/.ssh/id ED25519 SHA256:... agent" as it is shown among what was tried. */
function keyLabel(text: string): string {
  const [, path = text, from = ''] = /^(.+?) [A-Z0-9-]+ SHA256:\S+ ?(.*)$/.exec(text) ?? [];
  return oneLine(/\bagent\b/.test(from) ? `agent: ${path}` : path);
}

function hostKeyIn(text: string): string | undefined {
  const [, what, type = '', print = ''] = /^Server host (key|certificate): (\S+) (SHA256:[^\s,]+)/.exec(text) ?? [];
  if (what === undefined) return undefined;
  const authority = /\bCA (\S+ SHA256:[^\s,]+)/.exec(text)?.[1];
  return authority === undefined ? `${type} ${print}` : `${type} ${print}, certified by ${authority}`;
}
