import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSshG, resolveSshSettings } from '../../../src/connection/sshConfig/sshConfig';
import { sshKeywords, unknownKeywords } from '../../../src/connection/sshConfig/keywords';

const dir = mkdtempSync(join(tmpdir(), 'ssh-keywords-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const env = { PATH: process.env['PATH'], HOME: dir };

function configFile(text: string): string {
  const file = join(dir, 'config');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const unsupported = async (text: string) =>
  (await resolveSshSettings({ host: 'h' }, { env, configFile: configFile(text) })).unsupportedOptions;

/** By `dump_client_config` of OpenSSH 7.2 to 10.3. */
const printed = `addkeystoagent addressfamily batchmode bindaddress bindinterface canonicaldomains
  canonicalizefallbacklocal canonicalizehostname canonicalizemaxdots canonicalizepermittedcnames casignaturealgorithms
  certificatefile challengeresponseauthentication channeltimeout checkhostip cipher ciphers clearallforwardings compression
  compressionlevel connectionattempts connecttimeout controlmaster controlpath controlpersist dynamicforward
  enableescapecommandline enablesshkeysign escapechar exitonforwardfailure fingerprinthash forkafterauthentication
  forwardagent forwardx11 forwardx11timeout forwardx11trusted gatewayports globalknownhostsfile gssapiauthentication
  gssapidelegatecredentials hashknownhosts host hostbasedacceptedalgorithms hostbasedauthentication hostbasedkeytypes
  hostkeyalgorithms hostkeyalias hostname identitiesonly identityagent identityfile ignoreunknown ipqos
  kbdinteractiveauthentication kbdinteractivedevices kexalgorithms knownhostscommand localcommand localforward loglevel
  logverbose macs nohostauthenticationforlocalhost numberofpasswordprompts obscurekeystroketiming passwordauthentication
  permitlocalcommand permitremoteopen pkcs11provider port preferredauthentications protocol proxycommand proxyjump
  proxyusefdpass pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication rekeylimit remotecommand
  remoteforward requesttty requiredrsasize revokedhostkeys rhostsrsaauthentication rsaauthentication securitykeyprovider
  sendenv serveralivecountmax serveraliveinterval sessiontype setenv smartcarddevice stdinnull streamlocalbindmask
  streamlocalbindunlink stricthostkeychecking syslogfacility tag tcpkeepalive tunnel tunneldevice updatehostkeys
  useprivilegedport user userknownhostsfile verifyhostkeydns versionaddendum visualhostkey warnweakcrypto xauthlocation`;

/** Options that are printed only where they are set. */
const onlyWhenSet = `BindAddress 127.0.0.1
BindInterface lo
CertificateFile ~/id-cert.pub
ControlPath ~/%C
DynamicForward 1080
HostKeyAlias alias
IdentityAgent SSH_AUTH_SOCK
IgnoreUnknown Whatever
KbdInteractiveDevices pam
KnownHostsCommand /bin/true %H
LocalCommand true
LocalForward 8080 localhost:80
LogVerbose kex.c:*:1000
PKCS11Provider /lib/opensc.so
PreferredAuthentications publickey
ProxyCommand nc %h %p
RemoteCommand true
RemoteForward 8081 localhost:81
RevokedHostKeys /etc/ssh/revoked
SendEnv LANG
SetEnv A=b
UserKnownHostsFile /dev/null
`;

describe('the table of keywords', () => {
  it('has every one that a version of ssh -G prints', () => {
    const keywords = printed.split(/\s+/).map((word): [string, string[]] => [word, ['x']]);
    expect(keywords).toHaveLength(111);
    expect(unknownKeywords(new Map(keywords))).toEqual([]);
  });

  it('has every one that the ssh of this machine prints', () => {
    for (const text of ['', onlyWhenSet, 'ProxyJump a,b\n']) {
      const output = execFileSync('ssh', ['-G', '-F', configFile(text), '--', 'h'], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
      const values = parseSshG(output);
      for (const line of text.split('\n').filter((one) => one !== '')) {
        expect([...values.keys()]).toContain((line.split(' ')[0] ?? '').toLowerCase());
      }
      expect(unknownKeywords(values)).toEqual([]);
    }
  });

  it('says why where it leaves one out', () => {
    for (const [, treatment] of sshKeywords) if (treatment.kind === 'irrelevant') expect(treatment.why).not.toBe('');
    expect(sshKeywords.get('RevokedHostKeys')).toEqual({ kind: 'honoured' });
  });
});

describe('options for the ssh program alone', () => {
  it.each([
    ['KnownHostsCommand /usr/local/bin/known-hosts %H', ['KnownHostsCommand "/usr/local/bin/known-hosts %H"']],
    ["ProxyCommand '/path/to/helper' ssh-proxy-fdpass 501\nProxyUseFdpass yes", ['ProxyUseFdpass "yes"']],
    ['BindInterface eth0', ['BindInterface "eth0"']],
    ['HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com', ['HostKeyAlgorithms "ssh-ed25519-cert-v01@openssh.com"']],
    ['KexAlgorithms sntrup761x25519-sha512@openssh.com', ['KexAlgorithms "sntrup761x25519-sha512@openssh.com"']],
    ['MACs umac-64@openssh.com', ['MACs "umac-64@openssh.com"']],
  ])('%s', async (text, expected) => expect(await unsupported(text)).toEqual(expected));

  it.each([
    ['nothing', ''],
    ['what Debian writes', 'Host *\n  SendEnv LANG LC_*\n  HashKnownHosts yes\n  GSSAPIAuthentication yes\n'],
    [
      'what Fedora writes',
      `Match final all
  GSSAPIAuthentication yes
  ForwardX11Trusted yes
  Ciphers aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes128-gcm@openssh.com,aes128-ctr
  MACs hmac-sha2-256-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256
  KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,diffie-hellman-group14-sha256
  HostKeyAlgorithms ecdsa-sha2-nistp256,ecdsa-sha2-nistp256-cert-v01@openssh.com,ssh-ed25519,rsa-sha2-256,rsa-sha2-512
  PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256,ssh-ed25519,rsa-sha2-256,rsa-sha2-512
  CASignatureAlgorithms ecdsa-sha2-nistp256,ssh-ed25519,rsa-sha2-256
  RequiredRSASize 2048
`,
    ],
    [
      'what a person has for comfort',
      'Host *\n  ControlMaster auto\n  ControlPath ~/%C\n  ControlPersist 10m\n  SetEnv TERM=xterm\n  ForwardAgent yes\n  ServerAliveInterval 30\n  AddKeysToAgent yes\n  Compression yes\n  UpdateHostKeys yes\n  VisualHostKey yes\n',
    ],
    ['options that say no', 'KnownHostsCommand none\nProxyUseFdpass no\n'],
    ['methods among others', 'HostbasedAuthentication yes\nGSSAPIAuthentication yes\n'],
  ])('are none in %s', async (_what, text) => expect(await unsupported(text)).toEqual([]));

  it('are those of a newer ssh that differ from its defaults', async () => {
    const program = join(dir, 'newer-ssh');
    // A person's configuration says -F config, the question for the defaults -F none.
    const script = `#!/bin/sh
echo "hostname h"
echo "comfortable no"
[ "$3" = none ] && echo "checkharder no" || echo "checkharder yes"
`;
    writeFileSync(program, script);
    chmodSync(program, 0o755);
    const settings = await resolveSshSettings({ host: 'h' }, { env, program, configFile: configFile('') });
    expect(settings.unsupportedOptions).toEqual(['checkharder "yes"']);
  });
});
