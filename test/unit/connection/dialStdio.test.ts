import { describe, expect, it } from 'vitest';
import { dialCommand, dialStdioError } from '../../../src/connection/route/dialStdio';

describe('dialStdioError', () => {
  const params = { host: 'node1', user: 'deploy', path: '/var/run/docker.sock' };

  // Texts of the docker command 20.10 to 28, of shells, and of sshd.
  it.each([
    [
      'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied',
      1,
      'dockerPermissionDenied',
    ],
    [
      'permission denied while trying to connect to the Docker daemon socket at unix:///run/user/1/docker.sock',
      1,
      'dockerPermissionDenied',
    ],
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      1,
      'dockerSocketMissing',
    ],
    ['error during connect: dial unix /x.sock: connect: no such file or directory', 1, 'dockerSocketMissing'],
    ['bash: line 1: docker: command not found', 127, 'dockerCliMissing'],
    ['sh: 1: docker: not found', 127, 'dockerCliMissing'],
    ["'docker' is not recognized as an internal or external command", 1, 'dockerCliMissing'],
    ["docker: 'dial-stdio' is not a docker command.", 1, 'dockerCliMissing'],
    ['zsh: command not found: docker', 127, 'dockerCliMissing'],
    ['bash: /usr/bin/docker: Permission denied', 126, 'dockerCliMissing'],
    [
      'bash: /etc/profile.d/x.sh: line 3: foo: command not found\nCannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      1,
      'dockerSocketMissing',
    ],
    ['bash: /etc/profile.d/x.sh: line 3: foo: command not found', 1, 'sshProtocol'],
    [
      'Current context "rootless" is not found on the file system, please check your config file at /home/u/.docker/config.json',
      1,
      'dockerEndpointBroken',
    ],
    [
      'unable to resolve docker endpoint: context "x": context not found: open /home/u/.docker/contexts/meta/ab/meta.json: no such file or directory',
      1,
      'dockerEndpointBroken',
    ],
    [
      'error during connect: Get "http://docker.example/v1.51/_ping": dial tcp: lookup docker.example: no such host',
      1,
      'dockerEndpointBroken',
    ],
    ['This account is currently not available.', 1, 'sshProtocol'],
    ['', 255, 'sshProtocol'],
  ])('%s', (stderr, exitCode, reason) => {
    expect(dialStdioError({ stderr, exitCode }, params)).toMatchObject({ reason, params: { host: 'node1' } });
  });

  it.each([
    ['Welcome!\nfoo: command not found\nsh: 1: docker: not found\n', 127, 'sh: 1: docker: not found'],
    ['Welcome!\nbash: /usr/bin/docker: Permission denied', 126, 'bash: /usr/bin/docker: Permission denied'],
    ['Welcome!', 127, ''],
  ])('shows of a shell only what is about docker: %j', (stderr, exitCode, message) => {
    const { reason, params: told } = dialStdioError({ stderr, exitCode }, params);
    expect([reason, told.message]).toEqual(['dockerCliMissing', message]);
  });

  it('names the socket that the docker command names', () => {
    const stderr =
      'permission denied while trying to connect to the Docker daemon socket at unix:///run/user/1/docker.sock: x';
    expect(dialStdioError({ stderr, exitCode: 1 }, params).params.path).toBe('/run/user/1/docker.sock');
  });
});

describe('dialCommand', () => {
  it('quotes the socket', () => {
    expect(dialCommand(undefined)).toBe('docker system dial-stdio');
    expect(dialCommand('/run/a b.sock')).toBe("docker -H 'unix:///run/a b.sock' system dial-stdio");
  });
});
