// Test containers by commands, with a real terminal of VS Code.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { OverlayApi } from '../../../src/ui/api';
import type { Lab } from '../../lab/lab';
import { begin, execute, run } from './support';

const hosts = ['host1', 'host2', 'host3'];

interface Started {
  readonly host: string;
  readonly name: string;
  readonly containerId: string;
  readonly address: string;
}

describe('test containers', function () {
  this.timeout(240_000);
  let api: OverlayApi;
  let lab: Lab;
  let networkId: string;

  before(async function () {
    ({ lab, api } = await begin(this));
    await lab.resetSwarms();
    const known = api.topology.hosts.map(({ config }) => config.name);
    await run('dockerOverlay.host.add', {
      endpoints: hosts
        .filter((host) => !known.includes(host))
        .map((host) => ({ name: host, endpoint: `ssh://${host}` })),
    });
    await run('dockerOverlay.host.connect', { hosts });
    await run('dockerOverlay.swarm.form', { hosts, managers: ['host1'], confirmed: true });
    const made = await run('dockerOverlay.network.create', { name: 'test_net', clusterId: clusterId() });
    networkId = (made as { networkId: string }).networkId;
  });

  after(async () => {
    await lab?.resetSwarms();
  });

  it('are started on each host, and found when they are started again', async () => {
    const started = (await run('dockerOverlay.testContainers.start', { networkId, hosts })) as Started[];
    assert.deepEqual(
      started.map(({ host, name }) => [host, name]),
      hosts.map((host, index) => [host, `alpine${index + 1}`]),
    );
    for (const { host, name, address } of started) {
      const format = '{{(index .NetworkSettings.Networks "test_net").IPAddress}}';
      const inspected = await lab.host(host).execOk(['docker', 'inspect', '--format', format, name]);
      assert.equal(inspected.trim(), address);
    }
    assert.deepEqual(await run('dockerOverlay.testContainers.start', { networkId, hosts }), started);
    const taken = await execute('dockerOverlay.testContainers.start', {
      networkId,
      names: { host2: 'alpine1' },
    });
    assert.ok(!taken.ok && taken.reason === 'containerNameTaken', JSON.stringify(taken));
  });

  it('have shells in terminals, which end with them', async () => {
    const [first] = (await run('dockerOverlay.testContainers.start', { networkId, hosts })) as Started[];
    assert.ok(first);
    await run('dockerOverlay.testContainers.openShell', { containers: [first] });
    const terminal = await soon('the terminal', async () =>
      vscode.window.terminals.find((one) => one.name === 'alpine1 on host1'),
    );
    terminal.sendText('echo in-the-shell >/tmp/seen; sleep 4321');
    const inContainer = (...command: string[]) =>
      lab
        .host('host1')
        .exec(['docker', 'exec', 'alpine1', ...command])
        .then(({ stdout }) => stdout);
    await soon('what was typed is done', async () => (await inContainer('cat', '/tmp/seen')).includes('in-the-shell'));
    await soon('it runs', async () => (await inContainer('ps')).includes('sleep 4321'));
    terminal.dispose();
    await soon('it has ended', async () => !(await inContainer('ps')).includes('sleep 4321'));
  });

  it('are removed all at once, and nothing else is', async () => {
    await lab.host('host3').runInNetwork('mine', 'test_net');
    await run('dockerOverlay.testContainers.remove', { all: true, confirmed: true });
    for (const host of hosts) {
      const names = await lab.host(host).execOk(['docker', 'ps', '-a', '--format', '{{.Names}}']);
      assert.equal(names.trim(), host === 'host3' ? 'mine' : '');
    }
    const none = await execute('dockerOverlay.testContainers.remove', { all: true, confirmed: true });
    assert.ok(!none.ok && none.reason === 'nothingToChoose', JSON.stringify(none));
  });

  const clusterId = () => api.topology.clusters[0]?.id ?? '';
});

async function soon<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > giveUpAt) throw new Error(`Never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
