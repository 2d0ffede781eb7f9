import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listSshAliases } from '../../../src/hosts/sshAliases';

describe('listSshAliases', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'aliases-'));
    mkdirSync(join(home, '.ssh/conf.d'), { recursive: true });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFileSync(join(home, '.ssh', name), text);
  const list = () => listSshAliases({ env: { HOME: home } });

  it('lists aliases with what their blocks say, patterns and Match left out', async () => {
    const mark = join(home, 'executed');
    write(
      'config',
      `# comment
Host node1 node2 !node3 *.example
    HostName=10.0.0.5
    User "deploy"
    Port 2222
    ProxyJump bastion
    HostName ignored
Match exec "touch ${mark}"
    User other
Host web # trailing
    ProxyCommand nc %h %p
Host -evil $(id) *
    User x
host bastion
    hostname bastion.example
`,
    );
    expect(await list()).toEqual([
      { alias: 'node1', description: 'deploy@10.0.0.5:2222 via bastion' },
      { alias: 'node2', description: 'deploy@10.0.0.5:2222 via bastion' },
      { alias: 'web', description: 'via a proxy command' },
      { alias: 'bastion', description: 'bastion.example' },
    ]);
    expect(existsSync(mark)).toBe(false);
  });

  it('follows includes with patterns, relative to ~/.ssh, and survives circles', async () => {
    write('config', 'Include conf.d/*.conf ~/.ssh/extra missing\nHost last\n');
    write('conf.d/b.conf', 'Host b\n  User u\n');
    write('conf.d/a.conf', 'Host a\nInclude config\n');
    write('conf.d/c.other', 'Host c\n');
    write('extra', 'Host extra\n');
    expect((await list()).map((alias) => alias.alias)).toEqual(['a', 'b', 'extra', 'last']);
  });

  it('is empty without a configuration', async () => {
    expect(await list()).toEqual([]);
  });
});
