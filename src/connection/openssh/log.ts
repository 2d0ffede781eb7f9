import { oneLine } from '../../base/text/oneLine';

const maxWords = 40;

/** What the ssh program has told of a login, for the words of an error. */
export interface LoginFacts {
  /** What it said, without its debugging lines. */
  readonly words: readonly string[];
  /** Keys offered and methods tried, for the list of what was tried. */
  readonly tried: readonly string[];
  /** The key a server showed: "ssh-ed25519 SHA256:...". */
  readonly hostKey?: string;
  /** An authentication was under way. */
  readonly wasAuthenticating: boolean;
}

/**
 * Reads what `ssh` writes to stderr at `LogLevel DEBUG1`. Servers write there as well (banners, disconnect messages), and
 * nothing tells their lines from those of ssh: all of it is for showing only. Whether a login has succeeded, a key is
 * known, a stage is over, is seen by what ssh does (its control socket, the key it writes, its exit), never here.
 */
export class OpensshLog implements LoginFacts {
  readonly words: string[] = [];
  readonly tried: string[] = [];
  hostKey: string | undefined;
  wasAuthenticating = false;

  /** @param onWords hears what is said to people: a banner, a warning. */
  constructor(private readonly onWords: (line: string) => void = () => undefined) {}

  /** Takes one line of stderr. */
  line(text: string): void {
    if (text.startsWith('debug1: ')) this.detail(text.slice('debug1: '.length));
    else if (!/^(OpenSSH_|debug\d: |Authenticated to |Warning: Permanently added)/.test(text)) this.keep(text);
  }

  private detail(text: string): void {
    if (/^Server host (key|certificate): /.test(text)) this.hostKey = hostKeyIn(text);
    else if (text.startsWith('Authenticating to ')) this.wasAuthenticating = false;
    else if (text.startsWith('Authentications that can continue')) this.authenticating();
    else this.method(text);
  }

  /** What was said before was no failure: warnings, and the banner of the server, which may be long. */
  private authenticating(): void {
    if (!this.wasAuthenticating) this.words.length = 0;
    this.wasAuthenticating = true;
  }

  private method(text: string): void {
    const offered = /^(?:Offering public key|Trying private key): (.+)$/.exec(text);
    if (offered) this.note(keyLabel(offered[1] ?? ''));
    const next = /^Next authentication method: (.+)$/.exec(text)?.[1];
    if (next !== undefined && next !== 'publickey') this.note(oneLine(next));
  }

  private note(label: string): void {
    if (this.tried.length < maxWords && !this.tried.includes(label)) this.tried.push(label);
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
    this.onWords(text);
  }
}

/** "/home/me/.ssh/id ED25519 SHA256:... agent" as it is shown among what was tried. */
function keyLabel(text: string): string {
  const [, path = text, from = ''] = /^(.+?) [A-Z0-9-]+ SHA256:\S+ ?(.*)$/.exec(text) ?? [];
  return oneLine(/\bagent\b/.test(from) ? `agent: ${path}` : path);
}

function hostKeyIn(text: string): string | undefined {
  const [, type, print] = /^Server host (?:key|certificate): (\S+) (SHA256:[^\s,]+)/.exec(text) ?? [];
  return type === undefined || print === undefined ? undefined : `${type} ${print}`;
}
