import { execFileSync } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { mtuMeaning, mtuProblem } from '../../../src/ui/networks/form/askMtu';
import { shellWord } from '../../../src/base/text/shellWord';
import { dockerCommandLine, foldCommand } from '../../../src/ui/networks/form/commandLine';
import { formOf, requestOf } from '../../../src/ui/networks/form/form';
import { entryProblem, optionItems } from '../../../src/ui/networks/form/moreOptions';
import { subnetItems } from '../../../src/ui/networks/form/subnetSteps';

// The texts are pure; only their modules name VS Code.
vi.mock('vscode', () => ({}));

describe('the form', () => {
  it('is attachable and nothing else unless told', () => {
    expect(requestOf(formOf({}, ' my_net '))).toEqual({
      name: 'my_net',
      driver: 'overlay',
      attachable: true,
      encrypted: false,
      internal: false,
      ipv6: false,
      subnets: [],
      labels: {},
      options: {},
    });
  });

  it('takes all arguments', () => {
    const args = {
      encrypted: true,
      subnet: '10.1.0.0/24',
      gateway: '10.1.0.9',
      subnets: [{ subnet: '10.2.0.0/24', ipRange: '10.2.0.128/25' }],
      mtu: 1400,
      labels: { a: 'b' },
      options: { x: 'y' },
      ingress: true,
    };
    expect(requestOf(formOf(args, 'n'))).toMatchObject({
      attachable: false,
      encrypted: true,
      ingress: true,
      subnets: [
        { subnet: '10.1.0.0/24', gateway: '10.1.0.9' },
        { subnet: '10.2.0.0/24', ipRange: '10.2.0.128/25' },
      ],
      options: { x: 'y', 'com.docker.network.driver.mtu': '1400' },
    });
    expect(() => formOf({ gateway: '10.0.0.1' }, 'n')).toThrow(/invalidArguments/);
  });

  it('does not change what a program says of the routing mesh, but lets a later choice of a person count', () => {
    const mesh = formOf({ ingress: true, attachable: true }, 'n');
    expect(requestOf(mesh).attachable).toBe(true);
    expect(requestOf({ ...mesh, toggles: ['attachable', 'more'] }).attachable).toBe(false);
  });
});

describe('the command line', () => {
  const request = requestOf(
    formOf({ encrypted: true, subnet: '10.1.0.0/24', mtu: 1400, labels: { owner: "it's $HOME", flag: '' } }, 'n'),
  );

  it('is what a shell reads back', () => {
    const command = dockerCommandLine({ ...request, options: { ...request.options, encrypted: 'false' } });
    expect(command).toBe(
      'docker network create --driver overlay --attachable --opt encrypted --subnet 10.1.0.0/24 ' +
        `--opt com.docker.network.driver.mtu=1400 --label 'owner=it'\\''s $HOME' --label flag n`,
    );
    const script = `docker() { printf '%s\\n' "$@"; }; ${command}`;
    expect(execFileSync('sh', ['-c', script]).toString().split('\n')).toContain("owner=it's $HOME");
    expect(
      execFileSync('sh', ['-c', `docker() { printf '%s\\n' "$@"; }; ${foldCommand(command, 40).join('\n')}`]),
    ).toEqual(execFileSync('sh', ['-c', script]));
  });

  it('quotes what a shell would not leave as it is', () => {
    expect(['a=b/c', '', 'a b', '$x', '`x`', '~', "'"].map(shellWord)).toEqual([
      'a=b/c',
      "''",
      "'a b'",
      "'$x'",
      "'`x`'",
      "'~'",
      "''\\'''",
    ]);
  });
});

describe('more options', () => {
  it('show what is chosen now', () => {
    const items = optionItems(formOf({ encrypted: true, mtu: 1400, labels: { a: 'b' } }, 'n'));
    expect(items.map(({ label }) => label)).toEqual([
      'Use these options',
      'Subnets: Docker chooses',
      'MTU between the hosts: 1400',
      'Labels: a=b',
      'Driver options: none',
      'Routing mesh: stays as it is',
    ]);
    expect(items[2]?.description).toBe('1324 in containers');
  });

  it('judge a typed MTU and entry', () => {
    expect(['', '1400', '576', '65535'].map(mtuProblem)).toEqual(Array(4).fill(undefined));
    expect(['x', '575', '65536', '-1', '1.5'].map(mtuProblem)).toEqual(
      Array(5).fill('Type a number from 576 to 65535.'),
    );
    expect(mtuMeaning('1400')).toBe('Containers get 1350, in an encrypted network 1324.');
    expect(entryProblem('encrypted=false')).toMatch(/switch/);
    expect(entryProblem('a=b')).toBeUndefined();
  });

  it('list subnets with what stands against them', () => {
    const finding = { severity: 'warning', about: 'subnet', text: 'It overlaps.', remedy: '' } as const;
    const items = subnetItems([{ subnet: '10.1.0.0/24', ipRange: '10.1.0.0/25' }], () => [finding]);
    expect(items.map(({ label }) => label)).toEqual(['Use these subnets', '10.1.0.0/24', 'Add subnet…']);
    expect(items[1]).toMatchObject({
      description: 'gateway: the first address · range 10.1.0.0/25',
      detail: 'It overlaps.',
    });
  });
});
