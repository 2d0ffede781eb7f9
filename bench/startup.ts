import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { until } from '../test/browser/driver';
import type { Lab } from '../test/lab/lab';
import { extensionLog, withWindow } from './activation';

/** From the editor's call to the first tree, ms since the step before; medians of some windows. */
export interface StartupFigures {
  readonly hosts: number;
  /** Evaluating the bundle, as the editor does before it calls `activate()`; in a Node of its own. */
  readonly evaluateMs: number;
  readonly activateMs: number;
  /** From the end of `activate()` until a view asks for its items. */
  readonly lookedMs: number;
  /** Evaluating what is loaded at the first connect: ssh2, dockerode. */
  readonly loadedMs: number;
  /** Until the last host's link is up: `ssh -G`, login, the first answer of its engine. */
  readonly connectedMs: number;
  /** Until the last host's first snapshot is read. */
  readonly snapshotMs: number;
  /** Until the view shows all hosts as connected, as far as a browser sees it (looked at every 50 ms). */
  readonly shownMs: number;
}

const windows = 3;
const folder = 'bench';
const bundle = path.resolve(__dirname, '../dist/extension.js');

/** Opens our view with some hosts configured, in new windows one after the other, and reads the extension's log. */
export async function measureStartup(vsix: string, hosts: Lab['hosts']): Promise<StartupFigures> {
  const runs: Omit<StartupFigures, 'hosts' | 'evaluateMs'>[] = [];
  for (let window = 0; window < windows; window += 1) runs.push(await startOnce(vsix, hosts));
  const median = (figure: (run: (typeof runs)[number]) => number) =>
    runs.map(figure).sort((a, b) => a - b)[Math.floor(windows / 2)] ?? NaN;
  return {
    hosts: hosts.length,
    evaluateMs: evaluateBundle(),
    activateMs: median((run) => run.activateMs),
    lookedMs: median((run) => run.lookedMs),
    loadedMs: median((run) => run.loadedMs),
    connectedMs: median((run) => run.connectedMs),
    snapshotMs: median((run) => run.snapshotMs),
    shownMs: median((run) => run.shownMs),
  };
}

async function startOnce(vsix: string, hosts: Lab['hosts']) {
  const entries = hosts.map(({ name }) => ({ name, endpoint: `ssh://${name}`, folder }));
  return withWindow(
    { vsix: [vsix], machineSettings: { 'dockerOverlay.hosts': entries } },
    async (server, workbench) => {
      const view = await workbench.openActivity('Overlay Networks').then(() => workbench.view('Hosts'));
      await view
        .item(folder)
        .waitForText(new RegExp(`${hosts.length} of ${hosts.length} connected`), { timeoutMs: 60_000 });
      const shown = Date.now();
      const log = await until('all snapshots to be logged', async () => {
        const lines = readLines(extensionLog(server.userDataDir));
        return lines.filter(({ text }) => text.includes('first snapshot read')).length >= hosts.length && lines;
      });
      const last = (words: string) => Math.max(...log.filter(({ text }) => text.includes(words)).map(({ at }) => at));
      const figure = (pattern: RegExp) => Number(log.map(({ text }) => pattern.exec(text)?.[1]).find(Boolean));
      return {
        activateMs: figure(/Activated in ([\d.]+) ms/),
        lookedMs: last('First look') - last('Activated in'),
        loadedMs: figure(/Loaded in ([\d.]+) ms/),
        connectedMs: last(': connected, ') - last('First look'),
        snapshotMs: last('first snapshot read') - last(': connected, '),
        shownMs: Math.max(0, shown - last('first snapshot read')),
      };
    },
  );
}

/** The lines that VS Code has written, with their times as epoch ms. */
function readLines(text: string): readonly { readonly at: number; readonly text: string }[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (.*)/.exec(line);
    return match ? [{ at: new Date(match[1] as string).getTime(), text: match[2] as string }] : [];
  });
}

/** @returns how long `require` of the packed bundle takes, ms; `vscode` is a stand-in, as there is no editor there. */
function evaluateBundle(): number {
  const script = `
    const Module = require('node:module'), load = Module._load;
    const standIn = new Proxy(class {}, { get: (it, name) => (name === 'prototype' ? it.prototype : standIn) });
    Module._load = (name, ...more) => (name === 'vscode' ? standIn : load(name, ...more));
    const before = performance.now();
    require(${JSON.stringify(bundle)});
    console.log(performance.now() - before);`;
  const once = () => Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
  return [once(), once(), once()].sort((a, b) => a - b)[1] ?? NaN;
}
