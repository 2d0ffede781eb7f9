import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import { dialStdioError } from '../../../src/connection/route/dialStdio';
import { readKeyFile } from '../../../src/connection/keys/keyFile';
import {
  hasAuthority,
  judgeHostKey,
  knownKeyTypes,
  parseKnownHosts,
} from '../../../src/connection/hostKeys/knownHosts';
import { ServerMessages } from '../../../src/connection/serverMessages';
import { parseSshG } from '../../../src/connection/sshConfig/sshConfig';
import { keyTypes } from '../../../src/connection/sshConfig/unsupportedFeatures';
import { PausableDeadline } from '../../../src/connection/pausableDeadline';
import { forwardRefusal, opensshFailure, opensshLoss } from '../../../src/connection/openssh/errors';
import { OpensshLog } from '../../../src/connection/openssh/log';
import { fingerprint, keyTypeOf } from '../../../src/connection/keys/publicKey';
import type { ConnectionPrompts } from '../../../src/connection/prompts';
import { readContext } from '../../../src/hosts/contexts';
import { formatEndpoint, parseEndpoint } from '../../../src/hosts/endpoint';
import { parseHosts } from '../../../src/hosts/settings';
import { listSshAliases, parseConfigLine } from '../../../src/hosts/sshAliases';
import { settings } from '../connection/sshSettings';
import { fuzzBytes, fuzzFile, fuzzJson, fuzzLines, fuzzText } from './support';

// What leads to a host: files of a person, of other programs, and what servers and programs say on the way.

const blob = Buffer.concat([
  Buffer.from([0, 0, 0, 11]),
  Buffer.from('ssh-ed25519'),
  Buffer.from([0, 0, 0, 32]),
  Buffer.alloc(32, 7),
]);
const key = blob.toString('base64');
const dir = mkdtempSync(join(tmpdir(), 'fuzz-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('on the way to a host', () => {
  const names: [string, string] = ['[node1]:2222', 'node1'];
  fuzzText(
    'known_hosts',
    [
      `node1,10.0.0.? ssh-ed25519 ${key} comment\n@revoked !*.example,* ssh-ed25519 ${key}\n`,
      `|1|c2FsdHNhbHRzYWx0c2FsdHNhbA==|aGFzaGhhc2hoYXNoaGFzaGhhc2g= ssh-ed25519 ${key}\n@cert-authority * ssh-ed25519 ${key}`,
    ],
    (text) => {
      const lines = parseKnownHosts(text, 'known_hosts');
      return [judgeHostKey(lines, names, blob), knownKeyTypes(lines, names), hasAuthority(lines, names)];
    },
  );
  fuzzText(
    'ssh -G',
    [
      'hostname 10.0.0.1\nport 22\nuserknownhostsfile ~/.ssh/known_hosts /a b\nproxyjump user@jump:22\nidentityfile ~/.ssh/id\n',
    ],
    parseSshG,
  );
  fuzzLines(
    'ssh_config',
    ['Host a b !c*', '  HostName = "10.0.0.1" # x', 'Match exec "true"\nInclude conf.d/*'],
    (lines) => lines.map(parseConfigLine),
  );
  fuzzText(
    'words of dial-stdio',
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'error during connect: dial unix /x.sock: connect: permission denied',
      'bash: line 1: docker: command not found\nCurrent context "x" is not found on the file system',
    ],
    (stderr) => dialStdioError({ stderr, exitCode: 1 }, { host: 'h', user: 'u', path: '/var/run/docker.sock' }),
  );
  fuzzLines('words of ssh', ['channel 3: open failed: administratively prohibited: open failed'], (lines) =>
    lines.map(forwardRefusal),
  );
  const words = [
    'debug1: Authentications that can continue: publickey,password',
    'debug1: Offering public key: /home/me/.ssh/id ED25519 SHA256:abc agent',
    'debug1: Server host key: ssh-ed25519 SHA256:abc',
    'no such identity: /home/me/.ssh/id: No such file or directory',
    'ssh: connect to host 10.0.0.1 port 22: Connection refused',
    'ssh: Could not resolve hostname node1: Name or service not known',
    'deploy@node1: Permission denied (publickey,password).',
    'WARNING: REVOKED HOST KEY DETECTED!',
    'The ED25519 host key for node1 is marked as revoked.',
    'Bad owner or permissions on /home/me/.ssh/config',
  ];
  fuzzLines('log of ssh', words, (lines) => {
    const log = new OpensshLog();
    for (const line of lines) log.line(line);
    return [opensshFailure(log, 255, 'node1', settings), opensshLoss(log.words, 'node1')];
  });
  fuzzText('banner of a server', ['Go to https://login.example/device and enter ABCD-1234\r\n\tthen wait'], (text) => {
    const stopwatch = new PausableDeadline(1_000, () => undefined);
    const heard = new ServerMessages({
      host: 'node1',
      from: 'server',
      prompts: {} as ConnectionPrompts,
      deadline: stopwatch,
      logger: silentLogger,
      onStage: () => undefined,
    });
    heard.hear(text);
    heard.take();
    heard.dispose();
    stopwatch.dispose();
  });
  fuzzBytes('public keys', [blob], (bytes) => [keyTypeOf(bytes), fingerprint(bytes)]);
  fuzzBytes(
    'answer of an agent',
    [Buffer.concat([Buffer.from([12, 0, 0, 0, 1, 0, 0, 0, blob.length]), blob, Buffer.from([0, 0, 0, 1, 97])])],
    keyTypes,
  );
});

describe('settings and files', () => {
  fuzzText(
    'endpoint',
    [
      'ssh://deploy@10.0.0.5:2222/run/docker.sock',
      'user@[fd00::1]:22',
      'tcp://10.0.0.1:2376',
      'unix:///var/run/docker.sock',
      'npipe:////./pipe/docker',
      'context://prod',
    ],
    (text) => formatEndpoint(parseEndpoint(text)),
  );
  fuzzJson(
    'hosts of the settings',
    [
      [
        {
          name: 'node1',
          endpoint: 'ssh://deploy@10.0.0.5',
          folder: 'eu',
          tls: { ca: 'a', cert: 'b', key: 'c' },
          transport: 'auto',
        },
      ],
    ],
    parseHosts,
  );
  const meta = {
    Name: 'prod',
    Metadata: { Description: 'x' },
    Endpoints: { docker: { Host: 'ssh://deploy@10.0.0.5', SkipTLSVerify: false } },
  };
  const folder = join(dir, 'contexts', 'meta', createHash('sha256').update('prod').digest('hex'));
  mkdirSync(folder, { recursive: true });
  fuzzFile('Docker context', [JSON.stringify(meta)], async (text) => {
    writeFileSync(join(folder, 'meta.json'), text);
    return readContext('prod', { DOCKER_CONFIG: dir, HOME: dir });
  });
  fuzzFile(
    'SSH configuration',
    ['Host a b\n  HostName 10.0.0.1\n  User x\nInclude other\nMatch host c\n  Port 22\n'],
    async (text) => {
      const configFile = join(dir, 'config');
      writeFileSync(configFile, text);
      return listSshAliases({ configFile, env: { HOME: dir } });
    },
  );
  const { privateKey } = generateKeyPairSync('ed25519');
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const openSsh = `-----BEGIN OPENSSH PRIVATE KEY-----\n${Buffer.concat([Buffer.from('openssh-key-v1\0'), Buffer.from([0, 0, 0, 4]), Buffer.from('none'), Buffer.from([0, 0, 0, 4]), Buffer.from('none'), Buffer.alloc(4), Buffer.from([0, 0, 0, 1, 0, 0, 0, blob.length]), blob]).toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
  fuzzFile('private key', [pkcs8, openSsh, `ssh-ed25519 ${key} comment`], async (text) => {
    const file = join(dir, 'id');
    writeFileSync(file, text);
    return readKeyFile(file);
  });
});
