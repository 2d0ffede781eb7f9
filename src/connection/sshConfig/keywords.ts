/** What becomes of an option of the SSH configuration in a connection of the built-in client. */
export type KeywordTreatment =
  /** Read by `sshConfig`, and done as ssh does it, or more strictly. */
  | { readonly kind: 'honoured' }
  /** `ssh -G` has applied it already, or it is about something that a connection to Docker does not do. */
  | { readonly kind: 'irrelevant'; readonly why: string }
  /** Done by the ssh program alone. @param unless values that mean the same as no option at all. */
  | { readonly kind: 'handedOver'; readonly unless: RegExp };

const honoured = `AddressFamily BatchMode BindAddress CertificateFile Ciphers ConnectTimeout ControlPath
  GlobalKnownHostsFile GSSAPIAuthentication HashKnownHosts Host HostbasedAuthentication HostKeyAlgorithms HostKeyAlias HostName IdentitiesOnly
  IdentityAgent IdentityFile KbdInteractiveAuthentication KexAlgorithms MACs NumberOfPasswordPrompts
  PasswordAuthentication PKCS11Provider Port PreferredAuthentications ProxyCommand ProxyJump PubkeyAcceptedAlgorithms
  PubkeyAcceptedKeyTypes PubkeyAuthentication RequiredRSASize RevokedHostKeys RSAMinSize StrictHostKeyChecking User
  UserKnownHostsFile`;

const irrelevant: readonly (readonly [why: string, keywords: string])[] = [
  [
    '`ssh -G` has applied it',
    `CanonicalDomains CanonicalizeFallbackLocal CanonicalizeHostname CanonicalizeMaxDots CanonicalizePermittedCNAMEs
    IgnoreUnknown Tag`,
  ],
  [
    'nothing is forwarded but the socket of the engine',
    `ClearAllForwardings DynamicForward ExitOnForwardFailure ForwardAgent ForwardX11 ForwardX11Timeout ForwardX11Trusted
    GatewayPorts LocalForward PermitRemoteOpen RemoteForward StreamLocalBindMask StreamLocalBindUnlink Tunnel TunnelDevice
    XAuthLocation`,
  ],
  [
    'there is no session of a person',
    `EnableEscapeCommandline EscapeChar ForkAfterAuthentication LocalCommand ObscureKeystrokeTiming PermitLocalCommand
    RemoteCommand RequestTTY SendEnv SessionType SetEnv StdinNull`,
  ],
  ['the connection is our own', 'ControlMaster ControlPersist'],
  ['a host that does not answer is tried again by itself', 'ConnectionAttempts'],
  [
    'links live until they are closed, and an interval of our own finds dead ones',
    'ChannelTimeout ServerAliveCountMax ServerAliveInterval TCPKeepAlive',
  ],
  ['servers are free to choose, and are told no preference', 'KbdInteractiveDevices'],
  ['it changes speed only', 'Compression CompressionLevel IPQoS'],
  // OpenSSH's servers exchange keys anew by limits of their own.
  ['the server begins the new key exchange', 'RekeyLimit'],
  ['it is about what ssh prints', 'FingerprintHash LogLevel LogVerbose SyslogFacility VisualHostKey WarnWeakCrypto'],
  ['it names the program to the server', 'VersionAddendum'],
  [
    'without it a person is asked about a host key: we are stricter',
    'NoHostAuthenticationForLocalhost UpdateHostKeys VerifyHostKeyDNS',
  ],
  ['a key is judged under the name of its host; an address proves nothing more', 'CheckHostIP'],
  ['certificates are left to the ssh program', 'CASignatureAlgorithms'],
  ['security keys are left to the ssh program', 'SecurityKeyProvider'],
  [
    'Kerberos is left to the ssh program',
    `GSSAPIClientIdentity GSSAPIDelegateCredentials GSSAPIKexAlgorithms GSSAPIKeyExchange GSSAPIRenewalForcesRekey
    GSSAPIServerIdentity GSSAPITrustDns`,
  ],
  ['it is part of HostbasedAuthentication', 'EnableSSHKeysign HostbasedAcceptedAlgorithms HostbasedKeyTypes'],
  ['no key is given to the agent; passphrases are asked for, or kept by the editor', 'AddKeysToAgent UseKeychain'],
  // Versions up to 8.6 print both.
  ['KbdInteractiveAuthentication decides', 'ChallengeResponseAuthentication'],
  // Printed by versions up to 7.5, for version 1 of the protocol.
  ['only version 2 of the protocol is spoken', 'Cipher Protocol RhostsRSAAuthentication RSAAuthentication'],
];

const handedOver: Readonly<Record<string, RegExp>> = {
  BindInterface: /^$|^none$/i,
  KnownHostsCommand: /^$|^none$/i,
  ProxyUseFdpass: /^no$/i,
  SmartcardDevice: /^$|^none$/i,
  UsePrivilegedPort: /^no$/i,
};

/** Every keyword that some version of `ssh -G` prints, spelt as in ssh_config(5). */
export const sshKeywords: ReadonlyMap<string, KeywordTreatment> = new Map<string, KeywordTreatment>([
  ...words(honoured).map((word) => [word, { kind: 'honoured' }] as const),
  ...irrelevant.flatMap(([why, list]) => words(list).map((word) => [word, { kind: 'irrelevant', why }] as const)),
  ...Object.entries(handedOver).map(([word, unless]) => [word, { kind: 'handedOver', unless }] as const),
]);

const byLowerCase = new Map([...sshKeywords].map(([word, treatment]) => [word.toLowerCase(), { word, ...treatment }]));

/** Keywords that are in no table: of a newer ssh, or of a distribution's own. */
export function unknownKeywords(values: ReadonlyMap<string, readonly string[]>): string[] {
  return [...values.keys()].filter((keyword) => !byLowerCase.has(keyword));
}

/**
 * The options that the built-in client cannot do and that are not at their default, as `KnownHostsCommand "/bin/x %H"`.
 *
 * @param values of the host, by lower-case keyword.
 * @param defaults what the same ssh says without any configuration: an option that nobody here knows may be one of
 *   security, and is left out only when it is at its default. Needed where there are {@link unknownKeywords}.
 */
export function handedOverOptions(
  values: ReadonlyMap<string, readonly string[]>,
  defaults: ReadonlyMap<string, readonly string[]>,
): string[] {
  const isDefault = (keyword: string, value: string) => defaults.get(keyword)?.includes(value) ?? false;
  return [...values].flatMap(([keyword, list]) => {
    const known = byLowerCase.get(keyword);
    const needed = list.filter((value) => {
      if (known === undefined) return !isDefault(keyword, value);
      return known.kind === 'handedOver' && !known.unless.test(value);
    });
    return needed.map((value) => `${known?.word ?? keyword} "${value}"`);
  });
}

function words(list: string): string[] {
  return list.split(/\s+/).filter((word) => word !== '');
}
