import { beforeEach, describe, expect, it, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { silentLogger } from '../../../src/base/logger';
import type { Secret } from '../../../src/base/text/redact';
import { labels, type Container } from '../../../src/model/engine/records';
import { quorumOf } from '../../../src/model/swarm/quorum';
import type { Topology } from '../../../src/model/swarm/topology';
import type { Fleet } from '../../../src/swarm/fleet';
import type { Plan } from '../../../src/swarm/plans/plan';
import { createApi } from '../../../src/ui/api';
import { secretCommands } from '../../../src/ui/hosts/commands/forgetSecrets';
import { generalCommands } from '../../../src/ui/generalFeature';
import { toArguments } from '../../../src/ui/command/arguments';
import { registerCommands, type CommandTable } from '../../../src/ui/command/register';
import { findUnlockKey, unlockManagers } from '../../../src/ui/swarm/commands/unlock';
import { verifyCommands } from '../../../src/ui/verification/verifyCommands';
import { ConnectionTester } from '../../../src/ui/hosts/connectionTest/tester';
import { InsecureConsents } from '../../../src/ui/hosts/prompts/insecureConsents';
import { SavedSecrets } from '../../../src/ui/hosts/prompts/savedSecrets';
import type { LastReports } from '../../../src/ui/verification/results/lastReports';
import { hostChildren } from '../../../src/ui/hosts/tree/hostChildren';
import { hostNode } from '../../../src/ui/hosts/tree/hostNode';
import { viewItemPattern } from '../../../src/ui/tree/viewItems';
import { toTreeItem } from '../../../src/ui/vscode/toVscode';
import type { PlanRunner } from '../../../src/ui/operations/planRunner';
import { MarkdownPreviews } from '../../../src/ui/vscode/markdownPreviews';
import { TextPages } from '../../../src/ui/vscode/textPages';
import { UnlockKeys } from '../../../src/ui/swarm/unlockKeys';
import type { Verifications } from '../../../src/ui/verification/verifications';
import type { Watches } from '../../../src/ui/verification/watch/watches';
import { hostsOf, pairsOf, reportOf } from '../../browser/page/samples';
import { answers, commands, reset, shown, told, vscode, workspaceFolders, written } from './fakeVscode';
import { cluster, engineInfo, host, ready, topology } from './topologies';
import { anyError } from '../anyError';

vi.mock('vscode', async () => (await import('./fakeVscode')).vscode);

beforeEach(reset);

const fleetOf = (world: Topology, more: object = {}) => ({ topology: world, ...more }) as unknown as Fleet;

describe('Copy Address', () => {
  const container = (state: 'exited' | 'running', ipv4: string): Container => ({
    id: `id-${state}`,
    name: state,
    image: 'alpine',
    state,
    status: state,
    createdAt: 0,
    labels: { [labels.testContainer]: 'true' },
    networks: [{ name: 'my_net', networkId: 'n', ipv4, ipv6: '' }],
  });
  const copy = (node: Parameters<typeof toArguments>[1], selection?: unknown) =>
    generalCommands(fleetOf(topology({ hosts: [host('node1', ready())] })), () => undefined)[
      'dockerOverlay.copyAddress'
    ](toArguments('dockerOverlay.copyAddress', node, selection));

  it('does not empty the clipboard where a container has no address: it is not offered there', async () => {
    const snapshot = {
      info: {} as never,
      networks: [],
      containers: [container('exited', ''), container('running', '10.0.1.2')],
      takenAt: 0,
    };
    const [tests] = hostChildren('node1', snapshot);
    const [stopped, running] = tests?.children ?? [];
    expect([stopped?.contextValue, running?.contextValue]).toEqual([
      'testContainer.stopped',
      'testContainer.running.address',
    ]);
    for (const node of [stopped, running]) expect(node?.contextValue).toMatch(viewItemPattern);
    await copy(running);
    expect(told).toEqual(['clipboard: 10.0.1.2', 'status: Copied: 10.0.1.2']);
    // Called all the same, it asks of which host.
    answers.push((input) => input.choose('node1'));
    await copy(stopped);
    expect(told.at(-2)).toBe('clipboard: deploy@node1');
  });

  it('copies what can be typed elsewhere, of all that are selected', async () => {
    const of = (name: string, endpointText: string) => {
      const view = host(name, ready());
      return hostNode({ ...view, config: { ...view.config, endpointText } }, undefined, false);
    };
    const [prod, ssh] = [of('prod', 'context://prod'), of('b', 'ssh://deploy@b:2222')];
    await copy(prod);
    await copy(prod, [prod, ssh]);
    expect(told.filter((one) => one.startsWith('clipboard'))).toEqual([
      'clipboard: context://prod',
      'clipboard: context://prod\ndeploy@b:2222',
    ]);
  });
});

describe('a command with nothing to do', () => {
  it('says so as information, with the remedy of the caller and without buttons', async () => {
    const nothing = (params: object) => () => {
      throw anyError('nothingToChoose', params);
    };
    const table = new Proxy({} as CommandTable, {
      get: (_, id) =>
        nothing(
          id === 'dockerOverlay.refresh'
            ? { message: 'No network is watched.' }
            : { message: 'No host is configured.', remedy: 'Add hosts first.' },
        ),
    });
    registerCommands(table, silentLogger);
    expect(await commands.get('dockerOverlay.refresh')?.()).toMatchObject({ ok: false, reason: 'nothingToChoose' });
    await commands.get('dockerOverlay.host.edit')?.();
    expect(told).toEqual(['info: No network is watched.', 'info: No host is configured. Add hosts first.']);
  });
});

describe('a report that is exported', () => {
  const hosts = hostsOf(2);
  const report = reportOf(hosts, pairsOf(hosts));
  const reports = { load: async () => undefined, get: () => report } as unknown as LastReports;
  const save = (path: string) =>
    verifyCommands(fleetOf(topology()), {} as Verifications, reports, {} as Watches)['dockerOverlay.verify.export']({
      networkId: report.network.id,
      path,
    });

  it('to a path that is not absolute goes into the opened folder, never to the root of the disk', async () => {
    await expect(save('report.json')).rejects.toMatchObject({ reason: 'invalidArguments' });
    workspaceFolders.push({ uri: vscode.Uri.file('/work/project') });
    expect(await save('out/report.json')).toBe('/work/project/out/report.json');
    expect(await save('/tmp/report.md')).toBe('/tmp/report.md');
    expect([...written.keys()]).toEqual(['/work/project/out/report.json', '/tmp/report.md']);
    workspaceFolders.length = 0;
  });
});

describe('the API for other extensions', () => {
  it('checks what it is called with, as the commands do', async () => {
    const api = createApi(fleetOf(topology()), {} as Verifications);
    for (const args of [{ pings: 1000 }, { hosts: 'node1' }, { netwrokId: 'x' }] as never[])
      await expect(api.verify(args)).rejects.toMatchObject({ reason: 'invalidArguments' });
  });
});

describe('saved secrets', () => {
  const store = () => {
    const kept = new Map<string, string>();
    const state = new Map<string, unknown>();
    const machineState = {
      get: (key: string) => state.get(key),
      update: async (key: string, value: unknown) => void state.set(key, value),
    };
    const secrets = new SavedSecrets(
      {
        get: async (key) => kept.get(key),
        store: async (key, value) => void kept.set(key, value),
        delete: async (key) => void kept.delete(key),
      },
      machineState,
    );
    const run = secretCommands(secrets, machineState)['dockerOverlay.forgetSecrets'];
    return { kept, secrets, machineState, run };
  };
  const prefix = 'dockerOverlay.secret.';

  it('are listed, forgotten one by one, and their values show nowhere', async () => {
    const { kept, secrets, machineState, run } = store();
    await secrets.store(`${prefix}passphrase:/home/me/.ssh/id`, 'hidden1');
    await secrets.store(`${prefix}password:deploy@10.0.0.5`, 'hidden2');
    await secrets.store(`${prefix}unlockKey.c1`, 'hidden3');
    await secrets.store(`${prefix}unlockKeyOf.node1`, 'c1');
    const link = { host: 'a', address: 'a:2375', why: 'plain TCP' };
    await new InsecureConsents(machineState, async () => true).get(link);
    answers.push((input) => {
      expect(input.labels()).toEqual([
        'Secrets',
        'Passphrase of /home/me/.ssh/id',
        'Password of deploy@10.0.0.5',
        'Unlock key of the swarm c1',
        'Consents',
        'Consent to the unprotected link a:2375 plain TCP',
      ]);
      input.tick('Password', 'Consent');
    });
    await expect(run({})).rejects.toMatchObject({ reason: 'cancelled' });
    expect(kept.size).toBe(4);
    answers.push((input) => input.tick('Password', 'Consent to'));
    expect(await run({ confirmed: true })).toBe(2);
    expect([...kept.keys()]).not.toContain(`${prefix}password:deploy@10.0.0.5`);
    expect(new InsecureConsents(machineState, async () => true).isKept(link)).toBe(false);
    expect(await run({ all: true, confirmed: true })).toBe(2);
    expect([kept.size, secrets.keys()]).toEqual([0, []]);
    await expect(run({})).rejects.toMatchObject({ reason: 'nothingToChoose' });
    expect([...told, ...shown].join('\n')).not.toContain('hidden');
  });

  it('of an unlock key ask for a second copy first', async () => {
    const { secrets, run } = store();
    await secrets.store(`${prefix}unlockKey.c1`, 'x');
    answers.push((input) => input.tick('Unlock key'));
    await expect(run({})).rejects.toMatchObject({ reason: 'cancelled' });
    expect(told[0]).toContain('Forget Unlock key of the swarm c1?');
  });
});

describe('the unlock key', () => {
  const locked = host('node1', ready({ state: 'locked' }));
  const keysWith = async (...entries: [string, string][]) => {
    const kept = new Map(entries.map(([key, value]) => [`dockerOverlay.secret.${key}`, value]));
    return new UnlockKeys({
      get: async (key) => kept.get(key),
      store: async () => undefined,
      delete: async (key) => void kept.delete(key),
      keys: () => [...kept.keys()],
    });
  };

  it('is found of a locked manager, also when no swarm is known', async () => {
    const keys = await keysWith(['unlockKeyOf.engine', 'c1'], ['unlockKey.c1', 'SWMKEY']);
    const fleet = fleetOf(topology({ hosts: [locked] }));
    const found = await findUnlockKey(fleet, keys, { host: 'node1' });
    expect([found.name, found.key.reveal()]).toEqual(['node1', 'SWMKEY']);
    answers.push((input) => input.choose('node1'));
    expect((await findUnlockKey(fleet, keys, {})).name).toBe('node1');
  });

  it('is found whatever the host is called now, and of no other machine', async () => {
    const keys = await keysWith(['unlockKeyOf.engine', 'c1'], ['unlockKey.c1', 'SWMKEY'], ['unlockKey.c2', 'other']);
    const renamed = host('renamed', ready({ state: 'locked' }));
    const fleet = fleetOf(topology({ hosts: [renamed] }));
    expect((await findUnlockKey(fleet, keys, { host: 'renamed' })).key.reveal()).toBe('SWMKEY');

    // The entry leads to another machine: nobody knows its swarm, and the person says which.
    const info = engineInfo({ state: 'locked' }, { engineId: 'elsewhere' });
    const moved = host('node1', ready({}, { info }));
    answers.push((input) => {
      expect(input.labels()).toEqual(['Unlock key of prod-eu', 'Unlock key of the swarm']);
      input.choose('Unlock key of the swarm');
    });
    const known = fleetOf(topology({ hosts: [moved], clusters: [cluster({ id: 'c1' })] }));
    expect((await findUnlockKey(known, keys, { host: 'node1' })).key.reveal()).toBe('other');
  });

  it('that is refused stays kept, and the person is asked', async () => {
    const keys = await keysWith(['unlockKeyOf.engine', 'c1'], ['unlockKey.c1', 'SWMKEY']);
    const tried: string[] = [];
    const unlock = async (key: Secret) => {
      tried.push(key.reveal());
      throw new OverlayError('unlockKeyRefused');
    };
    const engine = () => ({ info: async () => engineInfo({ state: 'locked' }), swarm: { unlock } });
    const { signal } = new AbortController();
    const fleet = { ...fleetOf(topology({ hosts: [locked] })), engine } as unknown as Fleet;
    const runner = { finish: async (plan: Plan) => plan.steps[0]?.run({ signal, report: () => undefined }) };
    answers.push((input) => input.escape());
    const done = unlockManagers(fleet, runner as unknown as PlanRunner, keys, { hosts: ['node1'] });
    await expect(done).rejects.toMatchObject({ reason: 'cancelled' });
    expect([tried, (await keys.kept('c1'))?.reveal()]).toEqual([['SWMKEY'], 'SWMKEY']);
  });

  it('is found of a swarm without a majority', async () => {
    const keys = await keysWith(['unlockKey.c1', 'SWMKEY']);
    const lost = cluster({ id: 'c1', quorum: quorumOf(3, 1), managerHosts: ['node1'] });
    const found = await findUnlockKey(fleetOf(topology({ clusters: [lost] })), keys, { clusterId: 'c1' });
    expect([found.from, found.key.reveal()]).toEqual(['secretStorage', 'SWMKEY']);
  });

  it('that nobody knows is said to be so', async () => {
    const keys = await keysWith();
    const fleet = fleetOf(topology({ hosts: [locked] }));
    await expect(findUnlockKey(fleet, keys, { host: 'node1' })).rejects.toMatchObject({ reason: 'unlockKeyNotKept' });
  });
});

describe('results of two connection tests', () => {
  it('are read one after the other', async () => {
    const tester = new ConnectionTester({} as never);
    const config = host('a', ready()).config;
    const result = { host: 'a', ok: true, stages: [], took: 0 } as never;
    let close: () => void = () => undefined;
    answers.push((input) => (close = () => input.escape()));
    const first = tester.show(config, result, []);
    const second = tester.show(config, result, []);
    await vi.waitFor(() => expect(shown).toHaveLength(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(shown).toHaveLength(1);
    answers.push((input) => input.escape());
    close();
    await Promise.all([first, second]);
    expect(shown).toHaveLength(2);
  });
});

describe('pages of text', () => {
  it('of an earlier window say that they are gone, and old ones are forgotten', async () => {
    const pages = new TextPages('x', { most: 2, gone: 'gone' });
    const [a, b, c] = ['a', 'b', 'c'].map((name) => pages.put(`/${name}`, name));
    const text = (uri: unknown) => pages.provideTextDocumentContent(uri as never);
    expect([a, b, c].map(text)).toEqual(['gone', 'b', 'c']);
    expect(text(vscode.Uri.file('/other'))).toBe('gone');
    await new MarkdownPreviews().show('Port check', '# x');
  });
});

describe('what a screen reader says of a tree item', () => {
  it('has no dots in it', () => {
    const item = toTreeItem(hostNode(host('n1', ready()), undefined, false));
    const { label } = item.accessibilityInformation ?? { label: '' };
    expect(label).toBe('Host n1, connected, deploy@n1, 28.5.2, no swarm');
  });
});
