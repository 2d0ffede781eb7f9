import { describe, expect, test, vi } from 'vitest';
import { describeError } from '../../../src/base/errors';
import type { Endpoint, HostConfig } from '../../../src/model/host/host';
import { hostsToForm } from '../../../src/ui/swarm/form/formHosts';
import { looksLikeAddress, offersFrom, typedOffer } from '../../../src/ui/hosts/commands/hostOffers';
import { managersTitle } from '../../../src/ui/swarm/form/managerWords';
import { networkToggles } from '../../../src/ui/networks/form/networkToggles';
import { cluster, host, ready, topology } from './topologies';
import { anyError } from '../anyError';

// The picks' texts are pure; only their module names VS Code.
vi.mock('vscode', () => ({}));

describe('Add Hosts', () => {
  const aliases = [
    { alias: 'node1', description: 'deploy@10.0.0.5 via bastion' },
    { alias: 'node2', description: '' },
  ];
  const contexts = [
    {
      name: 'prod',
      description: 'the big one',
      current: false,
      target: {
        kind: 'usable' as const,
        endpoint: { kind: 'tcp' as const, host: 'prod', port: 2376, tls: { skipVerify: false } },
        endpointText: 'tcp://prod:2376',
      },
    },
  ];

  test('offers what it finds by heading, without what is configured', () => {
    const configured: HostConfig[] = [
      { name: 'one', endpoint: { kind: 'ssh', host: 'node2' }, endpointText: 'ssh://node2' },
    ];
    const offers = offersFrom({ aliases, problems: [] }, contexts, configured, 'unix:///var/run/docker.sock');
    expect(offers['SSH config']).toMatchObject([{ label: 'node1', endpoint: 'ssh://node1', name: 'node1' }]);
    expect(offers['Docker contexts']).toMatchObject([
      { label: 'prod', endpoint: 'context://prod', description: 'tcp://prod:2376 · TLS · the big one' },
    ]);
    expect(offers.Other).toMatchObject([{ label: 'This machine' }]);
  });

  test('says that hosts may be missing, and why', () => {
    const found = { aliases, problems: ['/x/config: permission denied', 'more than 1000 files are included'] };
    const [, , last] = offersFrom(found, [], [], undefined)['SSH config'];
    expect(last).toMatchObject({ description: found.problems.join('; '), broken: { reason: 'sshConfigInvalid' } });
    expect(describeError(last?.broken).happened).toContain('permission denied');
  });

  test('marks contexts that are broken, current, and not protected', () => {
    const usable = (name: string, endpoint: Endpoint, endpointText: string, current = false) => ({
      name,
      description: '',
      current,
      target: { kind: 'usable' as const, endpoint, endpointText },
    });
    const broken = {
      name: 'old',
      description: '',
      current: false,
      target: { kind: 'broken' as const, error: anyError('contextInvalid', { message: 'no endpoint' }) },
    };
    const tcp = { kind: 'tcp', host: 'h', port: 2375 } as const;
    const socket = 'unix:///var/run/docker.sock';
    const offers = offersFrom(
      { aliases: [], problems: [] },
      [
        usable('default', { kind: 'socket', path: '/var/run/docker.sock' }, socket, true),
        broken,
        usable('plain', tcp, 'tcp://h:2375'),
        usable('lax', { ...tcp, tls: { skipVerify: true } }, 'tcp://h:2375'),
        usable('mine', { kind: 'ssh', host: 'h' }, 'ssh://h', true),
      ],
      [],
      socket,
    );
    expect(offers['Docker contexts'].map(({ label, icon, description }) => [label, icon, description])).toEqual([
      ['plain', 'unlock', 'tcp://h:2375 · plain TCP, not encrypted'],
      ['lax', 'unlock', 'tcp://h:2375 · TLS · certificate not verified'],
      ['mine', 'server', 'ssh://h · current context'],
      ['old', 'warning', 'broken: no endpoint'],
    ]);
    expect(offers['Docker contexts'][3]?.broken?.reason).toBe('contextInvalid');
    expect(offers.Other[0]?.description).toBe(`${socket} · current context`);
  });

  test('offers what DOCKER_HOST says, which is no local engine', () => {
    const target = {
      kind: 'usable' as const,
      endpoint: { kind: 'ssh' as const, host: 'far' },
      endpointText: 'ssh://far',
    };
    const context = { name: 'default', description: 'from DOCKER_HOST', current: true, target };
    const offers = offersFrom({ aliases: [], problems: [] }, [context], [], 'unix:///var/run/docker.sock');
    expect(offers['Docker contexts']).toMatchObject([{ label: 'default', endpoint: 'context://default' }]);
    expect(offers.Other[0]?.description).toBe('unix:///var/run/docker.sock');
  });

  test('makes an item of what is typed, and says why it cannot', () => {
    expect(typedOffer('  ')).toBeUndefined();
    expect(typedOffer('deploy@10.0.0.5:2222')).toMatchObject({
      offer: { label: 'Add "deploy@10.0.0.5:2222"', endpoint: 'ssh://deploy@10.0.0.5:2222' },
    });
    expect(typedOffer('-oProxyCommand=evil')).toHaveProperty('problem');
  });

  test('takes a bare word for a search first', () => {
    expect(['node1', 'prod-eu'].map(looksLikeAddress)).toEqual([false, false]);
    expect(['a@b', 'tcp://x', 'host:22', '10.0.0.5', '/run/x.sock'].map(looksLikeAddress)).toEqual(Array(5).fill(true));
  });
});

describe('Form Swarm', () => {
  const member = (name: string) => host(name, ready({ state: 'active' }), { clusterId: 'c1' });
  const free = (name: string) => host(name, ready());
  const joining = (name: string) => host(name, ready({ state: 'pending' }));
  const open = cluster({ id: 'c1', managerHosts: ['a'] });

  test('offers the free hosts, and beside the only swarm its own and joining ones, to finish it', () => {
    expect(hostsToForm(topology({ hosts: [free('a'), joining('b'), free('c')] }))).toEqual(['a', 'c']);
    const halfFormed = { hosts: [member('a'), joining('b'), free('c')], clusters: [open] };
    expect(hostsToForm(topology(halfFormed))).toEqual(['a', 'b', 'c']);
  });

  test('offers nothing when all are in it, and no member of a swarm that cannot be changed or of two', () => {
    expect(hostsToForm(topology({ hosts: [member('a')], clusters: [open] }))).toEqual([]);
    const hosts = [member('a'), free('c')];
    expect(hostsToForm(topology({ hosts, clusters: [{ ...open, stale: true }] }))).toEqual(['c']);
    expect(hostsToForm(topology({ hosts, clusters: [open, cluster({ id: 'c2' })] }))).toEqual(['c']);
  });

  test.each([
    [3, 3, '3 managers · majority 2 · tolerates 1'],
    [2, 3, '2 managers · majority 2 · tolerates none: choose 1 or 3'],
    [2, 2, '2 managers · majority 2 · tolerates none: choose 1'],
    [1, 3, '1 manager · majority 1 · tolerates none'],
    [0, 3, 'Managers: choose at least one'],
    [9, 12, '9 managers · majority 5 · tolerates 4: more than 7 make every change slow'],
  ])('with %i of %i ticked the title says so', (ticked, hosts, title) => {
    expect(managersTitle(ticked, hosts)).toBe(title);
  });
});

describe('Create Overlay Network', () => {
  test('says what encryption means on these hosts', () => {
    const common = { severity: 'warning', about: 'encryption', text: '', remedy: '' } as const;
    const items = networkToggles({
      findings: [
        { ...common, host: 'node2', short: "node2's kernel has no ESP: traffic to it will not pass" },
        { ...common, host: 'node3', short: "node3's kernel has no ESP: traffic to it will not pass" },
        { ...common, short: 'does not work on Windows nodes (w)' },
        { ...common, severity: 'note', short: 'not said here' },
      ],
      options: {},
      looking: false,
    });
    expect(items.find((item) => item.value === 'encrypted')?.detail).toBe(
      "node2 and node3's kernel has no ESP: traffic to it will not pass · does not work on Windows nodes (w) · IPsec ESP between the hosts; MTU 1424 instead of 1450",
    );
  });

  test('counts with the MTU that was chosen, and says that it is looking', () => {
    const options = { 'com.docker.network.driver.mtu': '1400' };
    const items = networkToggles({ findings: [], options, looking: true });
    expect(items.find((item) => item.value === 'encrypted')?.detail).toBe(
      'IPsec ESP between the hosts; MTU 1324 instead of 1350 · looking at the hosts…',
    );
  });
});
