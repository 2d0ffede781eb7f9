import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../../src/base/event';
import type { Plan } from '../../../src/swarm/plans/plan';
import { planCreateNetwork } from '../../../src/swarm/plans';
import { askForm } from '../../../src/ui/swarm/form/formQuestions';
import type { HostReadings } from '../../../src/ui/hosts/hostReadings';
import { askNetwork } from '../../../src/ui/networks/form/askNetwork';
import { formOf, requestOf } from '../../../src/ui/networks/form/form';
import { askContainerNames } from '../../../src/ui/testContainers/askNames';
import { askLabels } from '../../../src/ui/swarm/commands/askLabels';
import { WentBack } from '../../../src/ui/quickPick/steps';
import { answers, reset, shown, type FakeInput } from './fakeVscode';
import { cluster, host, ready, topology } from './topologies';

vi.mock('vscode', async () => (await import('./fakeVscode')).vscode);

beforeEach(reset);

const script = (...all: ((input: FakeInput) => void)[]) => void answers.push(...all);
const back = (input: FakeInput) => input.back();
const choose = (label: string) => (input: FakeInput) => input.choose(label);
const tick =
  (...labels: string[]) =>
  (input: FakeInput) =>
    input.tick(...labels);
const type = (text: string) => (input: FakeInput) => input.type(text);
const titles = () => shown.map((one) => one.split(' · ')[0]);

describe('the form of a network', () => {
  const swarm = cluster({ hosts: ['node1'] });
  const member = host('node1', ready({ state: 'active', nodeId: 'n1', isManager: true }), { clusterId: 'c1' });
  const world = topology({ hosts: [member], clusters: [swarm] });
  const readings = {
    current: new Map(),
    isLooking: () => false,
    onDidChange: new Emitter<void>().event,
    settled: async () => undefined,
  } as unknown as HostReadings;
  const ask = () =>
    askNetwork(formOf({}, ''), {
      topology: () => world,
      cluster: swarm,
      readings,
      planOf: (form) =>
        planCreateNetwork(world, () => ({}) as never, {
          clusterId: 'c1',
          request: requestOf(form),
          readings: new Map(),
        }),
    });

  it('leads back from More Options to the switches, and from there to the name', async () => {
    script(
      type('my_net'),
      tick('Attachable', 'More options'),
      back,
      back,
      type('your_net'),
      tick('Attachable', 'Internal'),
    );
    expect(await ask()).toMatchObject({ name: 'your_net', toggles: ['attachable', 'internal'] });
    expect(titles()).toEqual([
      'Create Overlay Network',
      'Create my_net',
      'Create my_net: More Options',
      'Create my_net',
      'Create Overlay Network',
      'Create your_net',
    ]);
  });

  it('says at each step where it stands, and the preview leads back to what came before', async () => {
    const places: string[] = [];
    const noting = (answer: (input: FakeInput) => void) => (input: FakeInput) => {
      places.push(`${input.step}/${input.totalSteps}`);
      answer(input);
    };
    script(
      noting(type('my_net')),
      noting(tick('Attachable', 'More options')),
      noting(choose('Use these options')),
      noting(back),
      noting(choose('Use these options')),
      noting(choose('Create')),
    );
    await ask();
    expect(places).toEqual(['1/3', '2/3', '3/4', '4/4', '3/4', '4/4']);
  });

  it('forgets nothing of More Options on the way back', async () => {
    script(
      type('my_net'),
      tick('Attachable', 'More options'),
      choose('Routing mesh'),
      choose('MTU'),
      type('1400'),
      back,
      tick('Attachable', 'More options'),
      (input) => {
        expect(input.labels()).toEqual(
          expect.arrayContaining(['MTU between the hosts: 1400', 'Routing mesh: this one replaces it']),
        );
        input.choose('Routing mesh');
      },
      choose('Use these options'),
      choose('Create'),
    );
    expect(await ask()).toMatchObject({ mtu: 1400, ingress: false });
  });

  it('leads back within a subnet: range, gateway, subnet, list', async () => {
    script(
      type('my_net'),
      tick('Attachable', 'More options'),
      choose('Subnets'),
      choose('Add subnet'),
      type('10.20.0.0/24'),
      type('10.20.0.9'),
      back,
      (input) => {
        expect(input.value).toBe('10.20.0.9');
        input.back();
      },
      (input) => {
        expect(input.value).toBe('10.20.0.0/24');
        input.type('10.20.0.0/24');
      },
      type('10.20.0.8'),
      type(''),
      choose('Add subnet'),
      back,
      choose('Use these subnets'),
      choose('Use these options'),
      choose('Create'),
    );
    expect((await ask()).subnets).toEqual([{ subnet: '10.20.0.0/24', gateway: '10.20.0.8' }]);
  });

  it('is given up by Escape at any step', async () => {
    script(type('my_net'), tick('Attachable', 'More options'), (input) => input.escape());
    await expect(ask()).rejects.toMatchObject({ reason: 'cancelled' });
  });
});

describe('the form of a swarm', () => {
  const world = topology({ hosts: ['a', 'b', 'c'].map((name) => host(name, ready())) });
  const plan: Plan = { title: 'Form swarm', steps: [], effects: [], warnings: [] };
  const ask = () => askForm(world, {}, { hosts: ['a', 'b', 'c'] }, () => plan);

  it('leads back from the preview to managers and hosts, and keeps the options', async () => {
    script(
      tick('a', 'b', 'c'),
      tick('a'),
      choose('More options'),
      choose('Autolock'),
      choose('Use these options'),
      back,
      back,
      tick('a', 'b', 'c'),
      tick('a'),
      choose('Form the swarm'),
    );
    expect(await ask()).toMatchObject({ managers: ['a'], autolock: true });
  });

  it('leads back from an address to its kind, and from there to the options', async () => {
    script(
      tick('a', 'b', 'c'),
      tick('a'),
      choose('More options'),
      choose('b'),
      choose('Data-path address'),
      choose('Another address'),
      back,
      back,
      choose('Listen address'),
      choose('Another address'),
      type('10.0.0.5'),
      choose('b'),
      back,
      choose('Use these options'),
      choose('Form the swarm'),
    );
    expect((await ask()).addresses).toEqual({ b: { listen: '10.0.0.5' } });
  });
});

describe('labels', () => {
  it('lead back from a typed value to the known ones, to the label, to the list', async () => {
    script(
      choose('zone'),
      choose('Change value'),
      choose('Another value'),
      back,
      back,
      back,
      choose('zone'),
      choose('Change value'),
      choose('b'),
      choose('Apply'),
    );
    expect(await askLabels('node1', { zone: 'a' }, new Map([['zone', ['a', 'b']]]))).toEqual({ zone: 'b' });
  });
});

describe('names of test containers', () => {
  it('that were changed are there again after going back', async () => {
    script(choose('alpine1'), type('mine'), back);
    const names = await askContainerNames(new Map([['node1', 'alpine1']]), () => undefined, { canGoBack: true });
    expect(names).toEqual(new WentBack(new Map([['node1', 'mine']])));
  });
});
