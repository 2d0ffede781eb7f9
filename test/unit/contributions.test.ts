import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  commandIds,
  commands,
  contextKeys,
  matrixPanelType,
  settings,
  viewContainer,
  views,
  walkthrough,
  type CommandId,
} from '../../src/contributions';
import type { Check } from '../../src/base/check';
import { sshTransports } from '../../src/model/host/host';
import { viewItemPattern } from '../../src/ui/tree/viewItems';
import { codiconNames } from './ui/codicons';

/** package.json and src/contributions.ts say the same, both ways. */

const root = path.join(__dirname, '..', '..');

interface MenuItem {
  command: string;
  when?: string;
  group?: string;
}
interface Property {
  scope?: string;
  default?: unknown;
  description?: string;
  markdownDescription?: string;
  enum?: string[];
  enumDescriptions?: string[];
  items?: { properties: Record<string, Property> };
}
interface Contributes {
  viewsContainers: { activitybar: { id: string; icon: string }[] };
  views: Record<string, { id: string; icon: string; when?: string }[]>;
  viewsWelcome: { view: string; when: string; contents: string }[];
  commands: { command: string; title: string; category: string; icon?: string; enablement?: string }[];
  menus: Record<string, MenuItem[]>;
  walkthroughs: {
    id: string;
    steps: { id: string; description: string; media: { markdown: string }; completionEvents: string[] }[];
  }[];
  configuration: {
    properties: Record<string, Property>;
  };
}
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  publisher: string;
  name: string;
  icon: string;
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: Contributes;
};
const { contributes } = manifest;
const menuItems = Object.values(contributes.menus).flat();
const sorted = (values: Iterable<string>) => [...values].sort();

/** Every condition that VS Code evaluates. */
const conditions = [
  ...contributes.viewsWelcome.map((item) => item.when),
  ...Object.values(contributes.views).flatMap((views) => views.flatMap((view) => view.when ?? [])),
  ...contributes.commands.flatMap((item) => item.enablement ?? []),
  ...menuItems.flatMap((item) => item.when ?? []),
];

const withAddress = (viewItem: string) => [viewItem, `${viewItem}.address`];

/** Context values of every kind of item in every state, of which each menu condition must fit at least one. */
const viewItems = (() => {
  const open = ['open', 'closed'];
  return [
    ...['host.idle', 'host.connecting', 'host.failed', 'host.failed.command', 'hostProblem', 'folder'],
    ...['endpoint', 'endpoint.task', 'testContainers', 'portCheck', 'watch'],
    ...['running', 'stopped'].flatMap((one) => withAddress(`testContainer.${one}`)),
    ...['free', 'manager', 'worker', 'joining', 'locked', 'error'].map((one) => `host.ready.${one}`),
    ...[...open, 'lost'].flatMap((one) => [`cluster.${one}`, `cluster.${one}.autolock`]),
    ...['manager', 'worker'].flatMap((role) =>
      ['up', 'down', 'ghost'].flatMap((life) => open.flatMap((one) => withAddress(`node.${role}.${life}.${one}`))),
    ),
    ...['running', 'cancelling', 'unfinished', 'done'].map((one) => `operation.${one}`),
    ...['step', 'step.command'],
    ...['attachable', 'fixed', 'ingress', 'running'].flatMap((kind) =>
      open.flatMap((one) =>
        ['', '.watched'].flatMap((mark) =>
          ['', '.report'].flatMap((report) => withAddress(`network.${kind}.${one}${mark}${report}`)),
        ),
      ),
    ),
  ];
})();

/** What an item must be; a context key may stand beside it, and that it is the only one that is selected. */
const itemCondition = /^viewItem =~ \/(.+)\/(?: && dockerOverlay\.\w+)?( && !listMultiSelection)?$/;
const patternOf = (item: MenuItem) => itemCondition.exec(item.when ?? '')?.[1];
const isForOneOnly = (item: MenuItem) => itemCondition.exec(item.when ?? '')?.[2] !== undefined;
const contextItems = contributes.menus['view/item/context'] ?? [];
/** What the context menu of one item offers, or of several such that are selected. */
const offered = (viewItem: string, areSeveral = false) =>
  contextItems.filter(
    (item) =>
      !item.group?.startsWith('inline') &&
      !(areSeveral && isForOneOnly(item)) &&
      new RegExp(patternOf(item) ?? '$^').test(viewItem),
  );

describe('commands', () => {
  test('are the ones of the table, each with title and category', () => {
    expect(sorted(contributes.commands.map((item) => item.command))).toEqual(sorted(commandIds));
    for (const item of contributes.commands) {
      expect(item.category, item.command).toBe('Docker Overlay');
      expect(item.title, item.command).toMatch(/^[A-Z]/);
    }
  });

  test('in menus, welcome views and walkthroughs exist', () => {
    const texts = [
      ...contributes.viewsWelcome.map((item) => item.contents),
      ...contributes.walkthroughs.flatMap((one) => one.steps.map((step) => step.description)),
    ].join('\n');
    const linked = [...texts.matchAll(/\(command:(dockerOverlay\.[\w.]+)/g)].map((match) => match[1] ?? '');
    expect(linked.length).toBeGreaterThan(0);
    for (const id of [...linked, ...menuItems.map((item) => item.command)]) expect(commandIds).toContain(id);
  });

  test('can be called when they are needed, and not in the middle of what they change', () => {
    const enablement = (id: string) =>
      contributes.commands.find((one) => one.command === `dockerOverlay.${id}`)?.enablement;
    expect(enablement('swarm.form')).toBe('dockerOverlay.hasFreeHosts && !dockerOverlay.operationRunning');
    // All managers locked: no swarm is known then.
    expect(enablement('swarm.showUnlockKey')).toBe('dockerOverlay.hasCluster || dockerOverlay.hasLockedHosts');
    // What is kept is there without any host.
    for (const id of ['verify.export', 'forgetSecrets']) expect(enablement(id)).toBeUndefined();
    expect(enablement('verify.stopWatch')).toBe('dockerOverlay.watching');
  });

  test('that take several items have a list to put them in, those that take one have none', () => {
    for (const id of commandIds) {
      const { tree, many } = commands[id];
      const members: Readonly<Record<string, Check<unknown>>> = commands[id].members;
      // What is copied of several is one text.
      const isList = tree.some((member) => members[member]?.([])) || id === 'dockerOverlay.copyAddress';
      expect(many, id).toBe(isList);
    }
  });

  test('that take one are not offered where several are selected, the others are', () => {
    for (const item of contextItems) {
      // A button in a row is meant for its row, whatever is selected.
      const isOneOnly = !item.group?.startsWith('inline') && !commands[item.command as CommandId].many;
      expect(isForOneOnly(item), `${item.command}: ${item.when}`).toBe(isOneOnly);
    }
  });

  test('on items take something of them', () => {
    const offeredThere = contextItems.map((item) => item.command as keyof typeof commands);
    for (const id of offeredThere) expect(commands[id].tree, id).not.toEqual([]);
  });

  test('are all in the palette', () => {
    expect(contributes.menus['commandPalette'] ?? []).toEqual([]);
  });
});

describe('views', () => {
  test('are those of the table, in its container', () => {
    expect(contributes.viewsContainers.activitybar.map((item) => item.id)).toEqual([viewContainer]);
    expect(Object.keys(contributes.views)).toEqual([viewContainer]);
    expect(sorted(contributes.views[viewContainer]?.map((item) => item.id) ?? [])).toEqual(
      sorted(Object.values(views)),
    );
  });

  test('that can be empty while they show have a welcome', () => {
    const hidden = Object.values(contributes.views).flatMap((all) => all.flatMap((one) => (one.when ? one.id : [])));
    expect(hidden).toEqual([views.operations]);
    expect(new Set([...contributes.viewsWelcome.map((item) => item.view), ...hidden])).toEqual(
      new Set(Object.values(views)),
    );
    for (const item of contributes.viewsWelcome) expect(hidden).not.toContain(item.view);
  });

  test('the panel is restored, and a watch goes on also while nothing of the extension is in sight', () => {
    expect(manifest.activationEvents).toEqual([`onWebviewPanel:${matrixPanelType}`, 'onStartupFinished']);
  });
});

describe('conditions', () => {
  test('use the context keys of the table, and all of them are used', () => {
    const isKey = (name: string) => (Object.values(contextKeys) as string[]).includes(name);
    const ids = new Set<string>([...Object.values(views), ...commandIds]);
    const used = new Set(conditions.flatMap((text) => text.match(/dockerOverlay\.[\w.]+/g) ?? []));
    for (const name of used) expect(isKey(name) || ids.has(name), name).toBe(true);
    expect(sorted([...used].filter(isKey))).toEqual(sorted(Object.values(contextKeys)));
  });

  test('on items are patterns that fit what the trees give', () => {
    for (const item of viewItems) expect(item).toMatch(viewItemPattern);
    for (const item of contextItems) {
      const pattern = patternOf(item);
      expect(pattern, `${item.command}: ${item.when}`).toBeDefined();
      expect(
        viewItems.some((one) => new RegExp(pattern ?? '').test(one)),
        item.when,
      ).toBe(true);
    }
  });

  test('views named in menus exist', () => {
    const named = (contributes.menus['view/title'] ?? []).map((item) => /view == ([\w.]+)/.exec(item.when ?? '')?.[1]);
    for (const view of named) expect(Object.values(views)).toContain(view);
  });
});

describe('context menus', () => {
  test('stand in the order look, change, verify, copy, destroy', () => {
    const groups = ['1_look', '2_change', '3_verify', '4_copy', '9_destroy', 'inline'];
    for (const item of contextItems) expect(groups).toContain(item.group?.split('@')[0]);
    const destroys = sorted(contextItems.filter((one) => one.group?.startsWith('9_')).map((one) => one.command));
    expect(destroys).toEqual(
      sorted(
        [
          'host.remove',
          'swarm.leave',
          'node.remove',
          'node.removeGhosts',
          'network.remove',
          'network.prune',
          'operation.dismiss',
          'testContainers.remove',
        ].map((id) => `dockerOverlay.${id}`),
      ),
    );
  });

  test.each([
    [
      'host.ready.free',
      [
        'host.openTerminal',
        'host.disconnect',
        'host.edit',
        'host.setFolder',
        'swarm.form',
        'swarm.join',
        'swarm.init',
        'host.test',
        'host.checkPorts',
        'copyAddress',
        'host.remove',
      ],
    ],
    [
      'host.ready.manager',
      [
        'host.openTerminal',
        'host.disconnect',
        'host.edit',
        'host.setFolder',
        'host.test',
        'host.checkPorts',
        'copyAddress',
        'swarm.leave',
        'host.remove',
      ],
    ],
    [
      'host.failed.command',
      [
        'host.openTerminal',
        'host.connect',
        'host.disconnect',
        'host.edit',
        'host.setFolder',
        'host.test',
        'copyRemedy',
        'copyAddress',
        'host.remove',
      ],
    ],
    ['hostProblem', ['host.edit', 'host.remove']],
    ['folder', ['host.connect', 'host.disconnect', 'folder.rename', 'host.checkPorts']],
    [
      'host.ready.locked',
      [
        'host.openTerminal',
        'swarm.showUnlockKey',
        'host.disconnect',
        'host.edit',
        'host.setFolder',
        'swarm.unlock',
        'host.test',
        'host.checkPorts',
        'copyAddress',
        'swarm.leave',
        'host.remove',
      ],
    ],
    [
      'node.worker.up.open.address',
      ['node.inspect', 'node.promote', 'node.setAvailability', 'node.editLabels', 'copyAddress', 'node.remove'],
    ],
    [
      'node.manager.up.open.address',
      ['node.inspect', 'node.demote', 'node.setAvailability', 'node.editLabels', 'copyAddress', 'node.remove'],
    ],
    [
      'node.worker.down.open.address',
      ['node.inspect', 'node.setAvailability', 'node.editLabels', 'copyAddress', 'node.remove'],
    ],
    ['node.worker.ghost.open.address', ['node.inspect', 'copyAddress', 'node.removeGhosts']],
    ['node.manager.up.closed.address', ['node.inspect', 'copyAddress']],
    [
      'cluster.open',
      [
        'swarm.inspect',
        'network.create',
        'swarm.planManagers',
        'swarm.join',
        'swarm.setAutolock',
        'swarm.rotateJoinTokens',
        'swarm.rotateCa',
        'host.checkPorts',
        'swarm.copyJoinCommand',
        'network.prune',
      ],
    ],
    [
      'cluster.open.autolock',
      [
        'swarm.inspect',
        'swarm.showUnlockKey',
        'network.create',
        'swarm.planManagers',
        'swarm.join',
        'swarm.setAutolock',
        'swarm.rotateJoinTokens',
        'swarm.rotateUnlockKey',
        'swarm.rotateCa',
        'host.checkPorts',
        'swarm.copyJoinCommand',
        'network.prune',
      ],
    ],
    ['cluster.closed', ['swarm.inspect', 'host.checkPorts']],
    ['cluster.closed.autolock', ['swarm.inspect', 'swarm.showUnlockKey', 'host.checkPorts']],
    ['cluster.lost.autolock', ['swarm.inspect', 'swarm.showUnlockKey', 'swarm.recover', 'host.checkPorts']],
    ['cluster.lost', ['swarm.inspect', 'swarm.recover', 'host.checkPorts']],
    ['portCheck', ['host.checkPorts']],
    ['operation.running', ['operation.cancel', 'operation.copyReport']],
    ['operation.unfinished', ['operation.continue', 'operation.copyReport', 'operation.dismiss']],
    ['operation.done', ['operation.copyReport', 'operation.dismiss']],
    ['step.command', ['copyRemedy']],
    [
      'network.attachable.open.address',
      [
        'network.inspect',
        'network.connectContainer',
        'network.disconnectContainer',
        'testContainers.start',
        'verify.run',
        'verify.watch',
        'verify.proveEncryption',
        'verify.twin',
        'copyAddress',
        'network.remove',
      ],
    ],
    [
      'network.attachable.open.watched.report.address',
      [
        'network.inspect',
        'network.connectContainer',
        'network.disconnectContainer',
        'testContainers.start',
        'verify.run',
        'verify.stopWatch',
        'verify.export',
        'verify.proveEncryption',
        'verify.twin',
        'copyAddress',
        'network.remove',
      ],
    ],
    [
      'network.running.open.report.address',
      ['network.inspect', 'verify.cancel', 'verify.watch', 'verify.export', 'copyAddress'],
    ],
    ['network.running.open.watched.address', ['network.inspect', 'verify.cancel', 'verify.stopWatch', 'copyAddress']],
    ['network.ingress.open.address', ['network.inspect', 'copyAddress']],
    ['endpoint', ['network.connectContainer', 'network.disconnectContainer', 'copyAddress']],
    ['endpoint.task', ['copyAddress']],
    ['testContainer.running.address', ['testContainers.openShell', 'copyAddress', 'testContainers.remove']],
    ['testContainer.stopped', ['testContainers.openShell', 'testContainers.remove']],
    ['network.ingress.open', ['network.inspect']],
    ['node.manager.up.closed', ['node.inspect']],
    ['watch', ['verify.stopWatch']],
    ['testContainers', ['testContainers.start', 'testContainers.remove']],
    ['network.fixed.open.address', ['network.inspect', 'network.disconnectContainer', 'copyAddress', 'network.remove']],
  ])('of %s offer what makes sense', (viewItem, commands) => {
    const order = (item: MenuItem) => item.group ?? '';
    const labels = offered(viewItem)
      .sort((a, b) => order(a).localeCompare(order(b)))
      .map((item) => item.command.replace('dockerOverlay.', ''));
    expect(labels).toEqual(commands);
  });
});

describe('context menus of several items', () => {
  test.each([
    ['host.idle', ['host.connect', 'host.setFolder', 'copyAddress', 'host.remove']],
    ['node.worker.up.open.address', ['node.promote', 'node.setAvailability', 'copyAddress', 'node.remove']],
    ['operation.running', []],
    ['cluster.closed', ['host.checkPorts']],
  ])('as %s offer what takes all of them', (viewItem, commands) => {
    const labels = offered(viewItem, true).map((item) => item.command.replace('dockerOverlay.', ''));
    expect(sorted(labels)).toEqual(sorted(commands));
  });
});

describe('settings', () => {
  const { properties } = contributes.configuration;

  test('are those of the table, described', () => {
    expect(sorted(Object.keys(properties))).toEqual(sorted(Object.values(settings)));
    for (const [key, property] of Object.entries(properties))
      expect(property.description ?? property.markdownDescription, key).toBeTruthy();
  });

  test('that say where to connect and what to run are the machine’s, never the workspace’s', () => {
    for (const key of [
      settings.hosts,
      settings.sshConfigFile,
      settings.sshProgram,
      settings.sshTransport,
      settings.verifyImage,
      settings.helperImage,
    ]) {
      expect(properties[key]?.scope, key).toBe('machine');
      expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toContain(key);
    }
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
  });
});

describe('the ways over SSH', () => {
  const { properties } = contributes.configuration;
  const ofHost = properties[settings.hosts]?.items?.properties['transport'];

  test('are those of the model, each described, for all hosts and for one', () => {
    for (const property of [properties[settings.sshTransport], ofHost]) {
      expect(property?.enum).toEqual(sshTransports);
      expect(property?.enumDescriptions).toHaveLength(sshTransports.length);
    }
  });
});

describe('the walkthrough', () => {
  test('has the steps of the story, a page each, and is opened by the welcome view', () => {
    const [one] = contributes.walkthroughs;
    expect(one?.id).toBe(walkthrough.id);
    expect(one?.steps.map((step) => step.id)).toEqual(walkthrough.steps);
    for (const step of one?.steps ?? []) {
      expect(readFileSync(path.join(root, step.media.markdown), 'utf8')).toMatch(/^### /);
      const [, kind, name = ''] = /^on(Context|Command):(.+)$/.exec(step.completionEvents[0] ?? '') ?? [];
      const known: readonly string[] = kind === 'Context' ? Object.values(contextKeys) : commandIds;
      expect(known).toContain(name);
    }
    const link = encodeURIComponent(
      JSON.stringify([`${manifest.publisher}.${manifest.name}#${walkthrough.id}`, false]),
    );
    expect(contributes.viewsWelcome[0]?.contents).toContain(`command:workbench.action.openWalkthrough?${link}`);
  });
});

describe('icons', () => {
  test('are codicons that VS Code has', () => {
    const inManifest = JSON.stringify(contributes).match(/\$\(([a-z-]+)\)/g) ?? [];
    const used = new Set(inManifest.map((text) => text.slice(2, -1)));
    for (const file of sources(path.join(root, 'src', 'ui'))) {
      const text = readFileSync(file, 'utf8');
      for (const [, name = ''] of text.matchAll(/(?:ThemeIcon\(|icon: |id: |icon: \{ id: )'([a-z][a-z-]*)(?:~spin)?'/g))
        used.add(name);
    }
    expect(used.size).toBeGreaterThan(20);
    for (const name of used) expect(codiconNames.has(name), name).toBe(true);
  });

  test('of the extension are there', () => {
    const files = [manifest.icon, ...contributes.viewsContainers.activitybar.map((item) => item.icon)];
    for (const file of files) expect(readFileSync(path.join(root, file)).length).toBeGreaterThan(0);
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}
