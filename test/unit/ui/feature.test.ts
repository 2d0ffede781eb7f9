import { beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import { commandIds, contextKeys, views } from '../../../src/contributions';
import type { CommandTable } from '../../../src/ui/command/register';
import { registerFeatures, type Feature } from '../../../src/ui/feature';
import { commands, reset } from './fakeVscode';

vi.mock('vscode', async () => (await import('./fakeVscode')).vscode);

beforeEach(() => {
  reset();
  commands.clear();
});

const all: Partial<CommandTable> = Object.fromEntries(commandIds.map((id) => [id, () => id]));
const view = (id: string) => ({ id, reveal: async () => undefined, dispose: () => undefined });
const keys = {
  values: () => Object.fromEntries(Object.values(contextKeys).map((key) => [key, false])),
  onDidChange: [],
};
const complete: Feature = { commands: all, views: Object.values(views).map(view), contextKeys: keys };

describe('features', () => {
  it('together own every id, and start once all of them are registered', async () => {
    const calls: string[] = [];
    const { 'dockerOverlay.refresh': refresh, ...others } = all;
    const last: Feature = {
      commands: { ...(refresh && { 'dockerOverlay.refresh': refresh }) },
      start: () => calls.push(`start: ${commands.size === commandIds.length}`),
      stop: async () => void calls.push('stop'),
    };
    const features = registerFeatures([last, { ...complete, commands: others }], silentLogger);
    await features.stop();
    expect(calls).toEqual(['start: true', 'stop']);
    expect(await commands.get('dockerOverlay.refresh')?.()).toEqual({ ok: true, value: 'dockerOverlay.refresh' });
  });

  it.each<[string, Feature[]]>([
    ['dockerOverlay.host.add has 0 owners', [{ ...complete, commands: {} }]],
    ['dockerOverlay.host.add has 2 owners', [complete, { commands: all }]],
    ['dockerOverlay.hosts has 0 owners', [{ ...complete, views: [] }]],
    ['dockerOverlay.swarm has 2 owners', [complete, { commands: {}, views: [view(views.swarm)] }]],
    ['dockerOverlay.hasHosts has 0 owners', [{ commands: all, views: complete.views ?? [] }]],
    ['other is not in contributions.ts', [complete, { commands: {}, views: [view('other')] }]],
  ])('%s: nothing is registered', (problem, features) => {
    expect(() => registerFeatures(features, silentLogger)).toThrow(problem);
    expect(commands.size).toBe(0);
  });
});
