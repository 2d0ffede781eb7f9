import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { HostConfig, HostProblem } from '../../../src/model/host/host';
import type { Fleet } from '../../../src/swarm/fleet';
import { HostsService } from '../../../src/ui/hosts/hostsService';
import { reset, settings, settingsChanged } from './fakeVscode';
import { host, topology } from './topologies';

vi.mock('vscode', async () => (await import('./fakeVscode')).vscode);

const key = 'dockerOverlay.hosts';
const entry = (name: string, endpoint = `ssh://${name}`) => ({ name, endpoint });

/** The service over a fleet that notes whom it connects. */
function serve() {
  const connected: string[] = [];
  const fleet = {
    topology: topology(),
    setHosts: (configs: readonly HostConfig[], problems: readonly HostProblem[]) => {
      const hosts = configs.map((config) => ({ ...host(config.name, { kind: 'idle' }), config }));
      fleet.topology = topology({ hosts, problems });
    },
    connect: async (name: string) => void connected.push(name),
  };
  const service = new HostsService(fleet as unknown as Fleet, () => undefined);
  return { service, connected, names: () => fleet.topology.hosts.map(({ config }) => config.name) };
}

/** Somebody edits settings.json. */
function edit(...entries: object[]): void {
  settings.set(key, entries);
  settingsChanged.fire({ affectsConfiguration: (one) => one === key });
}

beforeEach(() => {
  reset();
  settings.set(key, [entry('a')]);
});

describe('changes of the list of hosts', () => {
  it('at the same time are all written', async () => {
    const { service, names } = serve();
    await Promise.all([
      service.add([{ endpoint: 'ssh://b' }]),
      service.add([{ endpoint: 'ssh://c' }]),
      service.change(['a'], { folder: 'x' }),
      service.add([{ endpoint: 'ssh://d' }]),
    ]);
    expect(names()).toEqual(['a', 'b', 'c', 'd']);
    expect(settings.get(key)).toContainEqual({ ...entry('a'), folder: 'x' });
    await Promise.all([service.remove(['b']), service.remove(['c'])]);
    expect(names()).toEqual(['a', 'd']);
  });

  it('of which one fails do not stop the others', async () => {
    const { service, names } = serve();
    const results = await Promise.allSettled([
      service.add([{ endpoint: 'http://nope' }]),
      service.add([{ endpoint: 'ssh://b' }]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(names()).toEqual(['a', 'b']);
  });
});

describe('hosts that somebody wrote into the settings', () => {
  it('are connected, once anybody has looked', () => {
    const { service, connected } = serve();
    edit(entry('a'), entry('b'));
    expect(connected).toEqual([]);
    service.start();
    expect(connected).toEqual(['a', 'b']);
    edit(entry('a'), entry('b'), entry('c'));
    expect(connected).toEqual(['a', 'b', 'c']);
  });

  it('are not when that is not wanted', () => {
    settings.set('dockerOverlay.connectOnStartup', false);
    const { service, connected } = serve();
    service.start();
    edit(entry('a'), entry('b'));
    expect(connected).toEqual([]);
  });

  it('are others than those of our own commands, which connect by themselves', async () => {
    const { service, connected } = serve();
    service.start();
    await service.add([{ endpoint: 'ssh://b' }]);
    await service.change(['a'], { name: 'renamed' });
    expect(connected).toEqual(['a']);
  });
});
