/** A host key not in known_hosts, for a person to judge. */
export interface UnknownHostKey {
  readonly host: string;
  /** As it is written to known_hosts: `10.0.0.5` or `[10.0.0.5]:2222`. */
  readonly address: string;
  /** "ssh-ed25519" */
  readonly keyType: string;
  /** "SHA256:..." */
  readonly fingerprint: string;
}

/** A link over which others could read or change what is said. */
export interface InsecureLink {
  readonly host: string;
  /** `host:port` */
  readonly address: string;
  /** "plain TCP, not encrypted", "certificate not verified" */
  readonly why: string;
}

/** A private key whose passphrase is wanted. */
export interface PassphraseQuestion {
  readonly host: string;
  readonly keyPath: string;
  readonly previousWrong: boolean;
}

/** What a server asks during a login by password or keyboard-interactive. */
export interface PasswordQuestion {
  readonly host: string;
  readonly user: string;
  /** Who logs in where: `user@host:port`, and through what. Questions of one account have one answer. */
  readonly account: string;
  /** The server's own words, as `LoginNotice.text`: a menu of second factors has several lines. */
  readonly prompt: string;
  /** What else the server says before it asks: a banner, the name and instruction of a round of questions. */
  readonly said?: string;
  /** The jump host that asks; absent when it is the host itself. */
  readonly hop?: string;
  readonly previousWrong: boolean;
  /** False for what is good for one login only, as the codes of a second factor. */
  readonly reusable: boolean;
}

/** What is said during a login and needs no answer here: a banner, a link to open elsewhere, a key to be touched. */
export interface LoginNotice {
  readonly host: string;
  /** The jump host it is about; absent when it is the host itself. */
  readonly hop?: string;
  /** `ssh` is the program of the system, which hands on what servers say as well; `proxyCommand` is the person's own. */
  readonly from: 'server' | 'ssh' | 'proxyCommand';
  /** Without control characters but line breaks, at most 4,000 long; what it says is not to be trusted. */
  readonly text: string;
}

/** Questions that only a person can answer; `ui` implements it, tests answer by program. */
export interface ConnectionPrompts {
  /** Hosts that ask within a short time are gathered in one question. True remembers the key in known_hosts. */
  trustHostKey(key: UnknownHostKey, signal?: AbortSignal): Promise<boolean>;
  /** @returns undefined when dismissed. */
  passphrase(question: PassphraseQuestion, signal?: AbortSignal): Promise<string | undefined>;
  /** @returns undefined when dismissed. */
  password(question: PasswordQuestion, signal?: AbortSignal): Promise<string | undefined>;
  /** Whether the person wants the link nevertheless; asked before anything is sent. True is remembered. */
  consentInsecure(link: InsecureLink, signal?: AbortSignal): Promise<boolean>;
  /** Shows what a login waits for. Absent: nobody is there to read it. */
  notify?(notice: LoginNotice): void;
  /** What the person has answered before and wanted kept: answers without asking. Absent: nothing is kept. */
  readonly kept?: KeptAnswers;
}

/** Answers of earlier windows. None of these ever shows anything to a person. */
export interface KeptAnswers {
  passphrase(keyPath: string): Promise<string | undefined>;
  password(account: string): Promise<string | undefined>;
  consentInsecure(link: InsecureLink): boolean;
}
