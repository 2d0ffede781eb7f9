import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listSshAliases, parseConfigLine } from '../../../src/hosts/sshAliases';

describe('listSshAliases', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'aliases-'));
    mkdirSync(join(home, '.ssh/conf.d'), { recursive: true });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const write = (name: string, text: string) => writeFileSync(join(home, '.ssh', name), text);
  const read = () => listSshAliases({ env: { HOME: home } });
  const list = async () => (await read()).aliases;
  const names = async () => (await list()).map((one) => one.alias);

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
    expect(await names()).toEqual(['a', 'b', 'extra', 'last']);
  });

  it('is empty without a configuration', async () => {
    expect(await read()).toEqual({ aliases: [], problems: [] });
  });

  it('reads the files that a pattern of a set stands for', async () => {
    for (const one of ['a', 'b', 'c', '-']) write(`conf-${one}`, `Host in-${one === '-' ? 'dash' : one}\n`);
    write('config', 'Include conf-[ab] conf-[!a-z] conf-[z-a] conf-[\n');
    expect(await names()).toEqual(['in-a', 'in-b', 'in-dash']);
  });

  it('knows an alias of a conditional include only where ssh does', async () => {
    write('inner', 'Host inner\n  HostName 192.0.2.9\nHost outer-too\n  HostName 192.0.2.8\n');
    write('again', 'Host again\n  HostName 192.0.2.7\n');
    write(
      'config',
      `Host outer outer-* !outer-not
  Include ${home}/.ssh/inner
  User me
Match exec "false"
  Include ${home}/.ssh/again
Match all
  Include ${home}/.ssh/again
Host *
  Include ${home}/.ssh/last
`,
    );
    write('last', 'Host last\n  HostName 192.0.2.6\n');
    expect(await names()).toEqual(['outer', 'outer-too', 'again', 'last']);
    // The oracle, which reads ~ as what passwd says, so the paths are whole: where ssh finds the block of an alias, it has another host name.
    const known = ['outer-too', 'again', 'last', 'inner'].filter((alias) => {
      const args = ['-G', '-T', '-F', join(home, '.ssh/config'), '--', alias];
      const output = execFileSync('ssh', args, { env: { ...process.env, HOME: home }, encoding: 'utf8' });
      return !output.includes(`hostname ${alias}\n`);
    });
    expect(known).toEqual(['outer-too', 'again', 'last']);
  });

  it('tells what it did not read, and goes on', async () => {
    mkdirSync(join(home, '.ssh/many'));
    for (let index = 0; index < 1_050; index += 1) write(`many/${10_000 + index}`, `Host h${index}\n`);
    write('folder.conf', '');
    rmSync(join(home, '.ssh/folder.conf'));
    mkdirSync(join(home, '.ssh/folder.conf'));
    write('config', 'Include folder.conf\nInclude many/*\nHost last\n');
    const { aliases, problems } = await read();
    expect(aliases.length).toBeGreaterThan(900);
    expect(problems).toEqual([
      `${join(home, '.ssh/folder.conf')}: it is not a file`,
      'more than 1000 files are included',
    ]);
  });

  it('reads a file that is included twice where it counts, and ends with files that include each other', async () => {
    write('config', 'Host none\n  Include shared\nHost x\nMatch all\nInclude shared\n');
    write('shared', 'Host shared\nInclude config\n');
    expect(await names()).toEqual(['none', 'x', 'shared']);
  });
});

describe('parseConfigLine', () => {
  it.each([
    ["Host 'single quoted' x", ['single quoted', 'x']],
    ['Host "a b"c \\"d\\" e\\ f g\\h', ['a bc', '"d"', 'e f', 'g\\h']],
    ['HostName=h # c', ['h']],
    ['IdentityFile "C:\\Users\\John Doe\\key"', ['C:\\Users\\John Doe\\key']],
    ['Host a#b', ['a#b']],
    ["Host it's", undefined],
    ['Host "open', undefined],
  ])('splits %s', (line, args) => {
    expect(parseConfigLine(line)?.args).toEqual(args);
  });

  it('is quick with a quote that is never closed', () => {
    const begin = performance.now();
    parseConfigLine(`Host "${'\\'.repeat(100_000)}x`);
    expect(performance.now() - begin).toBeLessThan(500);
  });
});
