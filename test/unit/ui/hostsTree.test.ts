import { describe, expect, test } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { labels, type Container } from '../../../src/model/engine/records';
import type { HostState } from '../../../src/model/host/host';
import { buildHostsTree, HostsTree } from '../../../src/ui/hosts/tree/hostsTree';
import { viewItemPattern } from '../../../src/ui/tree/viewItems';
import { cluster, failed, host, network, node, ready, topology } from './topologies';

const container = (name: string, of: Record<string, string>): Container => ({
  id: `${name}-id`,
  name,
  image: 'alpine',
  state: 'running',
  status: 'Up 3 minutes',
  labels: of,
  createdAt: 0,
  networks: [{ name: 'my_net', networkId: 'n', ipv4: '10.0.1.2', ipv6: '' }],
});

const manager = { state: 'active', isManager: true, nodeId: 'n1' } as const;

describe('the Hosts tree', () => {
  test('describes hosts in every state as in the storyboard', () => {
    const leader = node('n1', 'manager', { manager: { leader: true, reachability: 'reachable', address: '' } });
    const tree = buildHostsTree(
      topology({
        hosts: [
          host('node1', ready(manager), { clusterId: 'c1', node: leader }),
          host('node2', ready({ state: 'active', isManager: false })),
          host('node3', { kind: 'connecting' }),
          host('node4', { kind: 'connecting', stage: 'logging in' }),
          host('db-old', failed('dockerPermissionDenied', { host: 'db-old', path: '/var/run/docker.sock' })),
          host('node6', { kind: 'idle' }),
          host('node7', ready()),
        ],
      }),
    );
    expect(tree.map((item) => [item.label, item.description, item.contextValue])).toEqual([
      ['node1', 'deploy@node1 · 28.5.2 · manager, leader', 'host.ready.manager'],
      ['node2', 'deploy@node2 · 28.5.2 · worker', 'host.ready.worker'],
      ['node3', 'connecting…', 'host.connecting'],
      ['node4', 'logging in…', 'host.connecting'],
      ['db-old', 'Permission denied on /var/run/docker.sock', 'host.failed.command'],
      ['node6', 'deploy@node6 · not connected', 'host.idle'],
      ['node7', 'deploy@node7 · 28.5.2 · no swarm', 'host.ready.free'],
    ]);
    for (const item of tree) expect(item.contextValue).toMatch(viewItemPattern);
  });

  test('groups networks by driver and says when each is best', () => {
    const networks = [
      network('bridge', { driver: 'bridge', scope: 'local' }),
      network('my_net'),
      network('none', { driver: 'null', scope: 'local' }),
      network('app', { driver: 'bridge', scope: 'local' }),
    ];
    const [item] = buildHostsTree(topology({ hosts: [host('node1', ready({}, { networks }))] }));
    const [group] = item?.children ?? [];
    expect(group?.label).toBe('Networks (4)');
    expect(group?.children.map((driver) => [driver.label, driver.children.map((one) => one.label)])).toEqual([
      ['bridge (2)', ['app', 'bridge']],
      ['overlay (1)', ['my_net']],
      ['none (1)', ['none']],
    ]);
    expect(group?.children[1]?.tooltip).toContain('Best when containers on different hosts');
  });

  test('shows containers of tests and of persons that test, and no others', () => {
    const containers = [
      container('probe', { [labels.run]: '1' }),
      { ...container('alpine2', { [labels.testContainer]: 'yes' }), state: 'exited' as const },
      container('alpine1', { [labels.testContainer]: 'yes' }),
      container('web', {}),
    ];
    const [item] = buildHostsTree(topology({ hosts: [host('node1', ready({}, { containers }))] }));
    const [own, temporary, networks] = item?.children ?? [];
    expect([own?.label, temporary?.label, networks?.label]).toEqual([
      'Test containers (2)',
      'Verification containers (1)',
      'Networks (0)',
    ]);
    expect(own).toMatchObject({ contextValue: 'testContainers', target: { kind: 'host', host: 'node1' } });
    expect(own?.children).toMatchObject([
      {
        label: 'alpine1',
        description: 'my_net 10.0.1.2 · alpine · Up 3 minutes',
        icon: { id: 'vm-running' },
        contextValue: 'testContainer.running.address',
        target: { kind: 'testContainer', host: 'node1', containerId: 'alpine1-id', address: '10.0.1.2' },
      },
      { label: 'alpine2', icon: { id: 'vm-outline' }, contextValue: 'testContainer.stopped.address' },
    ]);
    for (const one of [own, ...(own?.children ?? [])]) expect(one?.contextValue).toMatch(viewItemPattern);
    // No command works on what a verification removes by itself.
    expect(temporary?.children).toMatchObject([{ label: 'probe', target: { kind: 'none' } }]);
    expect(temporary?.children[0]?.contextValue).toBeUndefined();
  });

  test('gathers hosts of a folder, open, and puts broken entries last', () => {
    const inFolder = host('node1', { kind: 'idle' });
    const problem = { index: 2, name: 'typo', error: new OverlayError('hostConfigInvalid', { message: 'x' }) };
    const tree = buildHostsTree(
      topology({
        hosts: [host('node2', { kind: 'idle' }), { ...inFolder, config: { ...inFolder.config, folder: 'zone a' } }],
        problems: [problem],
      }),
    );
    expect(tree.map((item) => item.label)).toEqual(['zone a', 'node2', 'typo']);
    expect(tree[0]?.expanded).toBe(true);
    expect(tree[0]?.children.map((item) => item.label)).toEqual(['node1']);
    expect(tree[2]).toMatchObject({ contextValue: 'hostProblem', target: { kind: 'hostProblem', index: 2 } });
  });

  test('counts the connected hosts of a folder, and shows the worst of them', () => {
    const inZone = (view: ReturnType<typeof host>, folder = 'zone 2') => ({
      ...view,
      config: { ...view.config, folder },
    });
    const build = (...states: HostState[]) =>
      buildHostsTree(topology({ hosts: states.map((state, index) => inZone(host(`h${index}`, state))) }))[0];
    expect(build(ready(), ready())).toMatchObject({
      description: '2 of 2 connected',
      icon: { id: 'folder' },
      contextValue: 'folder',
      target: { kind: 'folder', folder: 'zone 2', hosts: ['h0', 'h1'] },
    });
    expect(build(ready(), failed('linkLost'), { kind: 'connecting' })).toMatchObject({
      description: '1 of 3 connected',
      icon: { id: 'warning', color: 'list.warningForeground' },
    });
    expect(build({ kind: 'connecting' })?.icon?.id).toBe('loading~spin');
    const zones = ['zone 10', 'zone 2'].map((zone) => inZone(host(zone, { kind: 'idle' }), zone));
    expect(buildHostsTree(topology({ hosts: zones })).map((item) => item.label)).toEqual(['zone 2', 'zone 10']);
  });

  test('says that a link is not protected, in the line, the icon and the tooltip', () => {
    const state = ready();
    if (state.kind !== 'ready') throw new Error('not ready');
    const link = { ...state.link, insecure: 'plain TCP, not encrypted', because: 'it is a tcp:// endpoint' };
    const [item] = buildHostsTree(topology({ hosts: [host('a', { ...state, link })] }));
    expect(item?.description).toMatch(/^plain TCP, not encrypted · /);
    expect(item?.icon).toEqual({ id: 'unlock', color: 'list.warningForeground' });
    expect(item?.tooltip).toMatch(/Not protected[\s\S]*plain TCP/);
    expect(item?.tooltip).toContain('| Because |');
  });

  test('makes the items of hosts that have not changed only once', () => {
    const tree = new HostsTree();
    const hosts = [host('a', ready()), host('b', ready())];
    const first = tree.build(topology({ hosts }));
    const second = tree.build(topology({ hosts: [...hosts.slice(0, 1), host('b', ready())], revision: 2 }));
    expect(second[0]).toBe(first[0]);
    expect(second[1]).not.toBe(first[1]);
    expect(tree.build(topology({ hosts, clusters: [cluster(), cluster({ id: 'c2' })] }))[0]).not.toBe(first[0]);
  });

  test('keeps the id of a host over all its states', () => {
    const states = [{ kind: 'idle' } as const, { kind: 'connecting' } as const, ready(), failed('linkLost')];
    const ids = states.map((state) => buildHostsTree(topology({ hosts: [host('node1', state)] }))[0]?.id);
    expect(new Set(ids).size).toBe(1);
  });

  test('shows what a daemon says as text: no links, no images, no table cells of its own', () => {
    const evil = '[click](command:evil) ![x](http://evil/) | <img src=x> $(alert)';
    const state = ready({}, {});
    if (state.kind !== 'ready') throw new Error('not ready');
    const info = { ...state.snapshot.info, operatingSystem: evil };
    const tree = buildHostsTree(
      topology({ hosts: [host('node1', { ...state, snapshot: { ...state.snapshot, info } })] }),
    );
    const shown = tree[0]?.tooltip ?? '';
    expect(shown).toContain('\\[click\\]\\(command:evil)');
    expect(shown).not.toMatch(/(?<!\\)\[|(?<!\\)\]\(|<img/);
    expect(shown).toContain('&lt;img');
  });

  test('says how to mend a failure in the tooltip', () => {
    const tree = buildHostsTree(topology({ hosts: [host('a', failed('dockerPermissionDenied', { user: 'deploy' }))] }));
    expect(tree[0]?.tooltip).toContain('usermod');
    expect(tree[0]?.target).toMatchObject({ remedy: 'sudo usermod -aG docker deploy' });
  });
});

test('a host named as its alias shows the address it advertises instead of its name again', () => {
  const named = host('node1', ready({ state: 'active', isManager: true, nodeAddress: '10.0.0.5' }));
  const alias = { ...named, config: { ...named.config, endpointText: 'ssh://node1' } };
  const state =
    alias.state.kind === 'ready' ? { ...alias.state, link: { description: '', user: 'deploy' } } : alias.state;
  const [item] = buildHostsTree(topology({ hosts: [{ ...alias, state }] }));
  expect(item?.description).toBe('deploy@10.0.0.5 · 28.5.2 · manager');
});
