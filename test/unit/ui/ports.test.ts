import { describe, expect, it, vi } from 'vitest';
import type { PortCheck } from '../../../src/model/network/underlay';
import type { PortReport } from '../../../src/verify/ports/request';
import { summarisePorts } from '../../../src/diagnosis/ports/summarisePorts';
import { portNode } from '../../../src/ui/verification/ports/portNode';
import { portReport } from '../../../src/ui/verification/ports/report';
import { scopeOf } from '../../../src/ui/verification/ports/scope';
import { HostsTree } from '../../../src/ui/hosts/tree/hostsTree';
import { viewItemPattern } from '../../../src/ui/tree/viewItems';
import { cluster, clusterNetwork, failed, host, network, ready, topology } from './topologies';

vi.mock('vscode', () => ({}));

const member = (name: string, address: string, isManager = false) =>
  host(name, ready({ state: 'active', nodeId: `${name}-node`, nodeAddress: address, isManager }), { clusterId: 'c1' });
const free = (name: string) => host(name, ready());
const swarm = cluster({
  id: 'c1',
  name: 'prod',
  hosts: ['node1', 'node2'],
  managerHosts: ['node1'],
  dataPathPort: 4790,
});
const members = [member('node1', '10.0.0.1', true), member('node2', '10.0.0.2')];

describe('what a check of ports tries', () => {
  const world = topology({ hosts: [...members, free('node3'), host('node4', failed('linkLost'))], clusters: [swarm] });
  const namesOf = (args: Parameters<typeof scopeOf>[1], of = world) => scopeOf(of, args).hosts.map((one) => one.host);

  it('of a swarm is all of its connected hosts, each with its role and address', () => {
    expect(scopeOf(world, { clusterId: 'c1' })).toEqual({
      title: 'prod',
      hosts: [
        { host: 'node1', address: '10.0.0.1', manager: true, member: true },
        { host: 'node2', address: '10.0.0.2', manager: false, member: true },
      ],
      dataPathPort: 4790,
      encrypted: false,
      leftOut: [],
    });
  });

  it('of a folder with one host down is the others, and says which was left out', () => {
    const scope = scopeOf(world, { hosts: ['node1', 'node4', 'node2'] });
    expect(scope.hosts.map((one) => one.host)).toEqual(['node1', 'node2']);
    expect(scope).toMatchObject({ title: '2 hosts', leftOut: ['node4'] });
    expect(portReport('x', { at: 0, checks: [], addresses: new Map() }, scope.leftOut)).toContain(
      'Not connected, so not tried: node4',
    );
    expect(() => scopeOf(world, { hosts: ['node4'] })).toThrow(/notConnected/);
  });

  it('of one host is it against the others of its swarm', () => {
    const scope = scopeOf(world, { hosts: ['node2'] });
    expect(scope.hosts.map((one) => one.host)).toEqual(['node2', 'node1']);
    expect(scope).toMatchObject({ title: 'node2', around: ['node2'] });
  });

  it('of one free host is it against the swarm that it could join', () => {
    const scope = scopeOf(world, { hosts: ['node3'] });
    expect(scope.hosts.map((one) => one.host)).toEqual(['node3', 'node1', 'node2']);
    expect(scope.hosts[0]).toEqual({ host: 'node3', manager: false, member: false });
    expect(scope).toMatchObject({ around: ['node3'], dataPathPort: 4790 });
  });

  it('without a swarm is all free hosts, any of which may become a manager', () => {
    const alone = topology({ hosts: [free('a'), free('b'), free('c')] });
    expect(namesOf({ hosts: ['b'] }, alone)).toEqual(['b', 'a', 'c']);
    expect(scopeOf(alone, { hosts: ['a', 'b'] })).toMatchObject({
      hosts: [
        { host: 'a', manager: true, member: false },
        { host: 'b', manager: true, member: false },
      ],
      dataPathPort: 4789,
    });
  });

  it('of several hosts is the ways between them', () => {
    const scope = scopeOf(world, { hosts: ['node1', 'node3'] });
    expect(scope.hosts.map((one) => one.host)).toEqual(['node1', 'node3']);
    expect(scope.around).toBeUndefined();
  });

  it('names ESP where a network is encrypted', () => {
    const networks = [clusterNetwork(network('secret', { encrypted: true }))];
    const encrypted = topology({ hosts: members, clusters: [{ ...swarm, networks }] });
    expect(scopeOf(encrypted, { clusterId: 'c1' }).encrypted).toBe(true);
  });

  it('is refused for hosts that are not connected, alone, or of two swarms', () => {
    expect(() => scopeOf(world, { hosts: ['node4'] })).toThrow(/notConnected/);
    expect(() => scopeOf(topology({ hosts: [free('a')] }), { hosts: ['a'] })).toThrow(/nothingToChoose/);
    const two = topology({
      hosts: [...members, { ...member('x', '10.0.1.1'), clusterId: 'c2' }],
      clusters: [swarm, cluster({ id: 'c2' })],
    });
    expect(() => scopeOf(two, { hosts: ['node1', 'x'] })).toThrow(/invalidArguments/);
  });
});

const open: PortCheck[] = [
  { from: 'node1', to: 'node2', traffic: { protocol: 'tcp', port: 7946 }, outcome: 'open', ms: 0.4 },
  { from: 'node2', to: 'node1', traffic: { protocol: 'tcp', port: 7946 }, outcome: 'open' },
  { from: 'node1', to: 'node2', traffic: { protocol: 'udp', port: 7946 }, outcome: 'open' },
];
const blocked: PortCheck[] = [
  ...open,
  {
    from: 'node2',
    to: 'node1',
    traffic: { protocol: 'udp', port: 7946 },
    outcome: 'noAnswer',
    stoppedAt: 'to',
    message: 'Not <b>let</b> in | [x](command:y)',
  },
];
const reportOf = (checks: readonly PortCheck[]): PortReport => ({
  checks,
  addresses: new Map([
    ['node1', '10.0.0.1'],
    ['node2', '10.0.0.2'],
  ]),
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
});

describe('the page of a check', () => {
  it('begins with the conclusion, then the problem with its commands, then a matrix a traffic', () => {
    const lines = portReport('prod', reportOf(blocked)).split('\n');
    expect(lines[2]).toContain('node1 does not let in 7946/udp from node2');
    const text = lines.join('\n');
    expect(text).toContain('sudo iptables -I INPUT -p udp --dport 7946 -s 10.0.0.2 -j ACCEPT');
    expect(text).toContain('| node1 | · | ✓ open, 0.4 ms |');
    expect(text).toContain('| node2 | **✗ not let in** | · |');
    expect(text.indexOf('does not let in')).toBeLessThan(text.indexOf('from ↓ to →'));
  });

  it('shows texts of others as they are', () => {
    const text = portReport('a<script>', reportOf(blocked));
    expect(text).not.toContain('<b>');
    expect(text).not.toContain('<script>');
    expect(text).not.toContain('](command:');
  });

  it('has no problem where there is none', () => {
    const text = portReport('prod', reportOf(open));
    expect(text).toContain('Every port that was tried between 2 hosts is open');
    expect(text).not.toContain('```');
  });
});

describe('the item of the last check', () => {
  const now = Date.UTC(2026, 0, 2, 3, 6, 30);
  const last = (checks: readonly PortCheck[]) => ({ at: reportOf(checks).at, checks, summary: summarisePorts(checks) });

  it('says what was found, and when', () => {
    const node = portNode('node1', last(blocked), now);
    expect(node.description).toBe('7946/udp: not let in from 1 host · 2 min ago');
    expect(node.icon).toEqual({ id: 'warning', color: 'list.warningForeground' });
    expect(node.contextValue).toMatch(viewItemPattern);
    expect(portNode('node2', last(blocked), now).description).toBe('7946/udp: not let in at node1 · 2 min ago');
    expect(portNode('node1', last(open), now).description).toBe('all open · 2 min ago');
  });

  it('stands below its host, and changes the host’s item only when it changes', () => {
    const tree = new HostsTree();
    const world = topology({ hosts: members, clusters: [swarm] });
    const [before] = tree.build(world);
    const withCheck = (at: number) =>
      tree.build(world, undefined, (name) => (name === 'node1' ? portNode(name, last(open), at) : undefined));
    const [first, other] = withCheck(now);
    expect(first).not.toBe(before);
    expect(first?.children.at(-1)?.label).toBe('Port check');
    expect(other?.children.at(-1)?.label).not.toBe('Port check');
    expect(withCheck(now + 1_000)[0]).toBe(first);
    expect(withCheck(now + 120_000)[0]).not.toBe(first);
  });
});
