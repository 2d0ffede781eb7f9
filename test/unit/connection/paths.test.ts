import { describe, expect, it } from 'vitest';
import os from 'node:os';
import { expandHome, homeDirectory } from '../../../src/base/home';
import { agentPath, splitFileList, toLocalPath } from '../../../src/connection/sshConfig/paths';

const windows = { USERPROFILE: 'C:\\Users\\Jane Doe', HOME: 'H:\\', ProgramData: 'C:\\ProgramData' };

describe('the home directory', () => {
  it('is the profile on Windows, whatever HOME says there', () => {
    expect(homeDirectory(windows, 'win32')).toBe('C:\\Users\\Jane Doe');
    expect(homeDirectory({ HOME: '/home/me', USERPROFILE: 'C:\\x' }, 'linux')).toBe('/home/me');
    expect(homeDirectory({}, 'linux')).toBe(os.homedir());
  });

  it.each([
    ['~', '/home/me/'],
    ['~/a b', '/home/me/a b'],
    [`~${os.userInfo().username}/x`, '/home/me/x'],
    ['~somebody/x', '~somebody/x'],
    ['/x/~/y', '/x/~/y'],
  ])('%s', (text, expected) => {
    expect(expandHome(text, { HOME: '/home/me' }, 'linux').replace(/^\/home\/me$/, '/home/me/')).toBe(expected);
  });

  it('is put in for ~\\ as well', () => {
    expect(expandHome('~\\.ssh\\id_rsa', windows, 'win32')).toBe('C:\\Users\\Jane Doe\\.ssh\\id_rsa');
  });
});

describe('paths that the ssh programs of Windows print', () => {
  it.each([
    ['__PROGRAMDATA__\\ssh/ssh_known_hosts', 'C:\\ProgramData\\ssh/ssh_known_hosts'],
    ['/c/Users/Jane Doe/.ssh/known_hosts', 'C:/Users/Jane Doe/.ssh/known_hosts'],
    ['~\\.ssh\\id_rsa', 'C:\\Users\\Jane Doe\\.ssh\\id_rsa'],
    ['D:\\keys\\id', 'D:\\keys\\id'],
  ])('%s', (text, expected) => expect(toLocalPath(text, windows, 'win32')).toBe(expected));

  it('are left alone elsewhere', () => expect(toLocalPath('/c/x', {}, 'linux')).toBe('/c/x'));
});

describe('lists of files, which ssh -G prints without quotes', () => {
  const split = (text: string, files: string[] = [], platform: NodeJS.Platform = 'linux') =>
    splitFileList(
      text,
      platform === 'win32' ? windows : { HOME: '/home/me' },
      (file) => files.includes(file),
      platform,
    );

  it.each([
    [
      '/home/me/.ssh/known_hosts /home/me/.ssh/known_hosts2',
      ['/home/me/.ssh/known_hosts', '/home/me/.ssh/known_hosts2'],
    ],
    [
      '/home/j d/.ssh/known_hosts /home/j d/.ssh/known_hosts2',
      ['/home/j d/.ssh/known_hosts', '/home/j d/.ssh/known_hosts2'],
    ],
    ['/srv/sp ace/known_hosts', ['/srv/sp ace/known_hosts']],
    ['/srv/a /srv/b', ['/srv/a', '/srv/b']],
    ['~/.ssh/known_hosts ~/.ssh/known_hosts2', ['/home/me/.ssh/known_hosts', '/home/me/.ssh/known_hosts2']],
    [
      '/home/me/Library/Application Support/ScaleFT/proxy_hosts /x',
      ['/home/me/Library/Application Support/ScaleFT/proxy_hosts', '/x'],
    ],
    ['none', []],
    ['/dev/null', ['/dev/null']],
    ['nul', ['nul']],
    ['relative/known_hosts', ['relative/known_hosts']],
  ])('%s', (text, expected) => expect(split(text)).toEqual(expected));

  it.each([
    [
      'C:\\Users\\Jane Doe/.ssh/known_hosts C:\\Users\\Jane Doe/.ssh/known_hosts2',
      ['C:\\Users\\Jane Doe/.ssh/known_hosts', 'C:\\Users\\Jane Doe/.ssh/known_hosts2'],
    ],
    [
      '__PROGRAMDATA__\\ssh/ssh_known_hosts __PROGRAMDATA__\\ssh/ssh_known_hosts2',
      ['C:\\ProgramData\\ssh/ssh_known_hosts', 'C:\\ProgramData\\ssh/ssh_known_hosts2'],
    ],
    [
      '/c/Users/Jane Doe/.ssh/known_hosts /c/Users/Jane Doe/.ssh/known_hosts2',
      ['C:/Users/Jane Doe/.ssh/known_hosts', 'C:/Users/Jane Doe/.ssh/known_hosts2'],
    ],
    ['NUL', []],
    ['nul', []],
    ['/dev/null', []],
    ['NUL C:\\known_hosts', ['C:\\known_hosts']],
    ['known_hosts', ['known_hosts']],
    ['\\\\server\\share one\\known', ['\\\\server\\share one\\known']],
  ])('on Windows %s', (text, expected) => {
    // What an earlier version may have left behind.
    expect(split(text, ['C:\\Users\\Jane'], 'win32')).toEqual(expected);
  });

  it('are refused where they can be read in two ways', () => {
    expect(split('/srv/known hosts', ['/srv/known'])).toBeUndefined();
    expect(split('/srv/known hosts', ['/srv/known', '/srv/known hosts'])).toEqual(['/srv/known hosts']);
    expect(split('/srv/a /b', ['/srv/a /b'])).toBeUndefined();
    expect(split('/srv/a  /b')).toBeUndefined();
    expect(split('relative/known hosts')).toBeUndefined();
    expect(split('~somebody/.ssh/known_hosts')).toBeUndefined();
  });
});

describe('the agent', () => {
  const agent = (configured: string | undefined, socket?: string, platform: NodeJS.Platform = 'linux') =>
    agentPath(configured, { SSH_AUTH_SOCK: socket, OTHER: '/other' }, (text) => `expanded ${text}`, platform);
  const pipe = '\\\\.\\pipe\\openssh-ssh-agent';

  it.each([
    [agent(undefined, '/agent'), '/agent'],
    [agent(undefined), undefined],
    [agent('none', '/agent'), undefined],
    [agent('SSH_AUTH_SOCK', '/agent'), '/agent'],
    [agent('$OTHER', '/agent'), '/other'],
    [agent('~/sock', '/agent'), 'expanded ~/sock'],
    // Sockets of Git's ssh are for Git's ssh only.
    [agent(undefined, '/tmp/ssh-XXX/agent.12', 'win32'), pipe],
    [agent(undefined, undefined, 'win32'), pipe],
    [agent(undefined, '\\\\.\\pipe\\other', 'win32'), '\\\\.\\pipe\\other'],
    [agent(undefined, '//./pipe/other', 'win32'), '//./pipe/other'],
  ])('%s', (found, expected) => expect(found).toBe(expected));
});
