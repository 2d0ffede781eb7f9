import { describe, expect, test } from 'vitest';
import { isOverlayError } from '../../../src/base/errors';
import type { CommandId } from '../../../src/contributions';
import { toArguments } from '../../../src/ui/command/arguments';
import type { TreeNode, TreeTarget } from '../../../src/ui/tree/treeNode';

const item = (id: string, target: TreeTarget): TreeNode => ({
  id,
  label: id,
  accessibleLabel: id,
  target,
  children: [],
});
const hostItem = (name: string) => item(`host/${name}`, { kind: 'host', host: name, address: `deploy@${name}` });
const nodeItem = (nodeId: string, clusterId = 'c1', host?: string) =>
  item(nodeId, { kind: 'node', clusterId, nodeId, address: '10.0.0.1', ...(host ? { host } : {}) });

describe('arguments of commands', () => {
  test('nothing gives an empty object, an object is taken as it is', () => {
    expect(toArguments('dockerOverlay.host.add', undefined, undefined)).toEqual({});
    const given = { clusterId: 'c1', networkId: 'n1' };
    expect(toArguments('dockerOverlay.verify.run', given, undefined)).toEqual(given);
  });

  test('a command to copy may be long, but not without end', () => {
    const copy = (length: number) =>
      toArguments('dockerOverlay.copyRemedy', { command: 'x'.repeat(length) }, undefined);
    expect(copy(150_000)).toEqual({ command: 'x'.repeat(150_000) });
    expect(() => copy(200_001)).toThrow();
  });

  test('containers are taken as a command gives them', () => {
    const given = { containers: [{ host: 'node1', containerId: 'x', name: 'alpine1' }] };
    expect(toArguments('dockerOverlay.testContainers.openShell', given, undefined)).toEqual(given);
  });

  test.each([
    ['a text', 'node1'],
    ['a list', ['node1']],
    ['an instance of a class', new URL('file:///x')],
    ['a member of a wrong type', { hosts: 'node1' }],
    ['a number out of range', { pings: 1000 }],
    ['an unknown choice', { availability: 'sleep' }, 'dockerOverlay.node.setAvailability'],
    ['an unknown way over SSH', { transport: 'pigeon' }, 'dockerOverlay.host.test'],
    ['endpoints that are none', { endpoints: [{ name: 'x' }] }, 'dockerOverlay.host.add'],
    ['a misspelled member', { nodeIds: ['x'], confirmd: true }, 'dockerOverlay.node.remove'],
    ["another command's member", { nodeIds: ['x'] }],
    ['an inherited name', { constructor: 'x' }],
    [
      'a member within a member that is not known',
      { subnets: [{ subnet: 's', range: 'r' }] },
      'dockerOverlay.network.create',
    ],
    ['a word where a switch is', { name: 'x', ipv6: 'no' }, 'dockerOverlay.network.create'],
    ['a switch where an address is', { ipv6: true }, 'dockerOverlay.network.connectContainer'],
  ] as const)('%s is refused', (_, given, id: CommandId = 'dockerOverlay.verify.run') => {
    const call = () => toArguments(id, given, undefined);
    expect(call).toThrow();
    try {
      call();
    } catch (error) {
      expect(isOverlayError(error, 'invalidArguments')).toBe(true);
    }
  });

  test('a clicked item within the selection stands for the selection, the clicked one first', () => {
    const [a, b] = [hostItem('a'), hostItem('b')];
    expect(toArguments('dockerOverlay.host.remove', b, [a, b])).toEqual({ hosts: ['b', 'a'] });
    expect(toArguments('dockerOverlay.host.remove', b, [a])).toEqual({ hosts: ['b'] });
    expect(toArguments('dockerOverlay.host.remove', b, undefined)).toEqual({ hosts: ['b'] });
  });

  test('hosts and entries that cannot be used go together', () => {
    const broken = item('problem/3', { kind: 'hostProblem', index: 3, name: 'typo' });
    expect(toArguments('dockerOverlay.host.remove', broken, [hostItem('a'), broken])).toEqual({
      hosts: ['a'],
      entries: [3],
    });
    expect(toArguments('dockerOverlay.host.edit', broken, undefined)).toEqual({ entry: 3 });
  });

  test('a folder stands for its hosts, each once', () => {
    const folder = item('folder/x', { kind: 'folder', folder: 'x', hosts: ['a', 'b'] });
    expect(toArguments('dockerOverlay.host.connect', folder, undefined)).toEqual({ hosts: ['a', 'b'] });
    expect(toArguments('dockerOverlay.host.setFolder', hostItem('a'), [hostItem('a'), folder])).toEqual({
      hosts: ['a', 'b'],
    });
    expect(toArguments('dockerOverlay.folder.rename', folder, undefined)).toEqual({ folder: 'x' });
  });

  test('nodes of one swarm only', () => {
    const items = [nodeItem('n1'), nodeItem('n2'), nodeItem('n3', 'c2')];
    expect(toArguments('dockerOverlay.node.promote', items[0], items)).toEqual({
      clusterId: 'c1',
      nodeIds: ['n1', 'n2'],
    });
    expect(toArguments('dockerOverlay.node.inspect', items[1], undefined)).toEqual({ clusterId: 'c1', nodeId: 'n2' });
  });

  test('networks for verifying and removing', () => {
    const target = { kind: 'network', clusterId: 'c1', networkId: 'n1', address: '10.0.1.0/24' } as const;
    const net = item('n1', target);
    expect(toArguments('dockerOverlay.verify.run', net, undefined)).toEqual({ clusterId: 'c1', networkId: 'n1' });
    expect(toArguments('dockerOverlay.network.remove', net, undefined)).toEqual({
      clusterId: 'c1',
      networkIds: ['n1'],
    });
    expect(toArguments('dockerOverlay.copyAddress', net, undefined)).toEqual({ text: '10.0.1.0/24' });
  });

  test('places of containers: of one network to disconnect, of any to connect elsewhere', () => {
    const place = (networkId: string, containerId: string) =>
      item(`${networkId}/${containerId}`, {
        kind: 'endpoint',
        address: '10.0.1.2',
        clusterId: 'c1',
        networkId,
        host: 'h1',
        containerId,
      });
    const items = [place('n1', 'a'), place('n1', 'b'), place('n2', 'c')];
    expect(toArguments('dockerOverlay.network.disconnectContainer', items[0], items)).toEqual({
      clusterId: 'c1',
      networkId: 'n1',
      containers: [
        { host: 'h1', containerId: 'a' },
        { host: 'h1', containerId: 'b' },
      ],
    });
    expect(toArguments('dockerOverlay.network.connectContainer', items[2], undefined)).toEqual({
      clusterId: 'c1',
      containers: [{ host: 'h1', containerId: 'c' }],
    });
    const net = item('n1', { kind: 'network', clusterId: 'c1', networkId: 'n1' });
    expect(toArguments('dockerOverlay.network.connectContainer', net, undefined)).toEqual({
      clusterId: 'c1',
      networkId: 'n1',
    });
  });

  test('the addresses of all that is selected are copied, of what has one', () => {
    const stopped = item('t', { kind: 'testContainer', host: 'a', containerId: 'x' });
    const items = [hostItem('a'), stopped, hostItem('b')];
    expect(toArguments('dockerOverlay.copyAddress', items[0], items)).toEqual({ text: 'deploy@a\ndeploy@b' });
    expect(toArguments('dockerOverlay.copyAddress', stopped, undefined)).toEqual({});
  });

  test('forming a swarm from one clicked host asks about all, from several takes these', () => {
    const [a, b] = [hostItem('a'), hostItem('b')];
    expect(toArguments('dockerOverlay.swarm.form', a, undefined)).toEqual({});
    expect(toArguments('dockerOverlay.swarm.form', a, [a, b])).toEqual({ hosts: ['a', 'b'] });
  });

  test('the remedy of a failed host is copied', () => {
    const failedHost = item('h', { kind: 'host', host: 'h', address: 'h', remedy: 'sudo systemctl start docker' });
    expect(toArguments('dockerOverlay.copyRemedy', failedHost, undefined)).toEqual({
      command: 'sudo systemctl start docker',
    });
  });
});
