import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import { summarise, type VerificationReport } from '../../../src/model/matrix';
import { LastReports } from '../../../src/ui/results/lastReports';
import { ResultFiles, usualLimits } from '../../../src/ui/results/resultFiles';
import { RunHistory } from '../../../src/ui/watch/runHistory';
import { hostsOf, pairsOf, reportOf } from '../../browser/page/samples';

let folder: string;

beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'overlay-results-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function report(id: string, overrides: Partial<VerificationReport> = {}): VerificationReport {
  return {
    schema: 'docker-overlay/verification@1',
    id: 'run',
    startedAt: '2026-01-01T12:00:00Z',
    durationMs: 3000,
    outcome: 'finished',
    clusterId: 'c1',
    network: { id, name: id, encrypted: false, subnets: [] },
    hosts: [],
    pings: 3,
    pairs: [],
    summary: { ...summarise(3, []), reachable: 6, unknown: 0 },
    findings: [],
    cleanUp: { removed: 3, left: [] },
    ...overrides,
  };
}

/** A full mesh of so many hosts. */
function mesh(id: string, hosts: number, startedAt: string): VerificationReport {
  const all = hostsOf(hosts);
  return { ...reportOf(all, pairsOf(all), { startedAt }), id: startedAt, network: report(id).network };
}

function memory(stored: Record<string, unknown> = {}) {
  return {
    stored,
    get: (key: string) => stored[key],
    update: async (key: string, value: unknown) => void (stored[key] = value),
  };
}

/** What a window knows; each call is another window. */
const openWindow = (old = memory(), files = new ResultFiles(folder)) => new LastReports(files, silentLogger, old);
const names = (reports: LastReports) => reports.all().map(({ networkId }) => networkId);
const second = (n: number) => new Date(n * 1_000).toISOString();

describe('results of verifications', () => {
  test('are there in another window, in whatever folder', async () => {
    await openWindow().keep(report('n1'));
    const again = openWindow();
    await again.start();
    expect(again.result('n1')).toEqual({
      at: Date.parse('2026-01-01T12:00:03Z'),
      pairs: 6,
      reachable: 6,
      findings: [],
    });
    expect(again.get('n1')).toBeUndefined();
    await again.load('n1');
    expect(again.get('n1')).toEqual(report('n1'));
    await again.load('n2');
    expect(again.get('n2')).toBeUndefined();
  });

  test.each([60, 76, 100, 120])('of %s hosts do not push out those of other networks', async (hosts) => {
    const reports = openWindow();
    await reports.keep(mesh('small', 3, second(1)));
    await reports.keep(mesh('big', hosts, second(2)));
    const again = openWindow();
    await again.start();
    expect(names(again)).toEqual(['big', 'small']);
    for (const id of ['big', 'small']) await again.load(id);
    expect(again.get('big')?.pairs).toHaveLength(hosts * (hosts - 1));
    expect(again.get('small')?.pairs).toHaveLength(6);
  });

  test('of two windows at once are all kept', async () => {
    const [one, two] = [openWindow(), openWindow()];
    await Promise.all([one.start(), two.start()]);
    await one.keep(report('n1', { id: 'a', startedAt: second(1) }));
    await two.keep(report('n2', { id: 'b', startedAt: second(2) }));
    await two.keep(report('n1', { id: 'c', startedAt: second(3) }));
    await one.keep(report('n1', { id: 'd', startedAt: second(4) }));
    const again = openWindow();
    await again.start();
    expect(names(again)).toEqual(['n1', 'n2']);
    await again.load('n1');
    expect(again.get('n1')?.id).toBe('d');
    expect(again.before(report('n1', { id: 'd', startedAt: second(4) }))?.id).toBe('c');
    expect(again.history('n1')?.size).toBe(3);
    await two.rescan();
    expect(two.result('n1')?.at).toBe(4_000 + 3_000);
  });

  test('have the one to compare with: of the same network, before it, and finished', async () => {
    const reports = openWindow();
    const of = (id: string, minute: number, more: Partial<VerificationReport> = {}) =>
      report('n1', { id, startedAt: `2026-01-01T12:0${minute}:00.000Z`, ...more });
    expect(reports.before(of('a', 1))).toBeUndefined();
    await reports.keep(of('a', 1));
    await reports.keep(report('n2', { id: 'other' }));
    await reports.keep(of('b', 2, { outcome: 'failed' }));
    // While it is shown it may or may not be kept yet.
    expect(reports.before(of('c', 3))?.id).toBe('a');
    await reports.keep(of('c', 3));
    expect(reports.before(of('c', 3))?.id).toBe('a');
    await reports.keep(of('d', 4));
    const again = openWindow();
    await again.load('n1');
    expect([again.get('n1')?.id, again.before(of('d', 4))?.id]).toEqual(['d', 'c']);
  });

  test('are those of the window at once, before they are written', () => {
    const reports = openWindow();
    let told = 0;
    reports.onDidChange(() => (told += 1));
    void reports.keep(report('n1'));
    expect([reports.get('n1'), reports.result('n1')?.reachable, reports.history('n1')?.size, told]).toEqual([
      report('n1'),
      6,
      1,
      1,
    ]);
  });

  test('of a run that failed as a whole do not colour a network', async () => {
    await openWindow().keep(report('n1', { outcome: 'failed' }));
    const again = openWindow();
    await again.start();
    expect(names(again)).toEqual(['n1']);
    expect(again.result('n1')).toBeUndefined();
  });

  test('cost no verification when they cannot be written', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    const logged: string[] = [];
    const logger = { ...silentLogger, error: (message: string) => void logged.push(message) };
    const reports = new LastReports(new ResultFiles(file), logger, memory());
    await reports.start();
    await reports.keep(report('n1'));
    expect(reports.get('n1')?.id).toBe('run');
    expect(logged).toContain('Keeping a result');
  });
});

describe('the files of results', () => {
  const limits = { ...usualLimits, files: 3, allBytes: 4_000, newestReport: 2_000, reports: 1_500 };
  const write = (files: ResultFiles, one: VerificationReport) =>
    files.write(one.network.id, { reports: [one], runs: new RunHistory().toStored() });
  const sizedReport = (id: string, size: number, startedAt = second(1)) =>
    report(id, { id: startedAt, startedAt, clusterId: 'x'.repeat(size) });

  test('are one a network, and nothing else is left', async () => {
    const reports = openWindow();
    await reports.keep(report('n1'));
    await reports.keep(report('n1', { id: 'b' }));
    await reports.keep(report('n2'));
    expect(readdirSync(folder).sort()).toEqual(['n1.jsonl', 'n2.jsonl']);
    expect(statSync(path.join(folder, 'n1.jsonl')).mode & 0o077).toBe(0);
  });

  test('are bounded in number, the oldest go', async () => {
    const files = new ResultFiles(folder, limits);
    for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) {
      await write(files, report(id));
      utimesSync(path.join(folder, `${id}.jsonl`), index, index);
    }
    expect(readdirSync(folder).sort()).toEqual(['b.jsonl', 'c.jsonl', 'd.jsonl']);
  });

  test('are bounded in size: the newest report stays, and others of the network go before', async () => {
    const files = new ResultFiles(folder, limits);
    const [old, last] = [sizedReport('a', 900), sizedReport('a', 900, second(2))];
    await files.write('a', { reports: [old, last], runs: [] });
    expect((await files.read('a'))?.reports.map(({ id }) => id)).toEqual([second(2)]);
    await write(files, sizedReport('b', 1_000));
    await write(files, sizedReport('c', 1_000));
    expect(readdirSync(folder)).toHaveLength(2);
    // Of what does not fit at all the figures are still known.
    await write(files, sizedReport('e', 5_000));
    expect((await files.read('e'))?.reports).toEqual([]);
    expect((await files.heads()).find(({ networkId }) => networkId === 'e')?.result?.reachable).toBe(6);
  });

  test('of a killed window are swept, those of a window that writes now are not', async () => {
    const [stale, fresh] = ['n1.jsonl.1.aa.tmp', 'n1.jsonl.2.bb.tmp'];
    for (const name of [stale, fresh]) writeFileSync(path.join(folder, name), 'half');
    utimesSync(path.join(folder, stale), 1, 1);
    await openWindow().start();
    expect(readdirSync(folder)).toEqual([fresh]);
  });

  test('that are damaged cost nothing but what is damaged', async () => {
    await openWindow().keep(report('n1', { id: 'a', startedAt: second(1) }));
    await openWindow().keep(report('n1', { id: 'b', startedAt: second(2) }));
    const file = path.join(folder, 'n1.jsonl');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(
      file,
      [lines[0], lines[1]?.slice(0, 50), 'null', '5', '{"report":{}}', '{"run":7}', lines[2]].join('\n'),
    );
    writeFileSync(path.join(folder, 'n2.jsonl'), 'x'.repeat(200_000));
    writeFileSync(path.join(folder, 'n3.jsonl'), '');
    writeFileSync(path.join(folder, 'n4.jsonl'), readFileSync(file));
    const again = openWindow();
    await again.start();
    expect(names(again)).toEqual(['n1']);
    for (const id of ['n1', 'n2', 'n3', 'n4']) await again.load(id);
    expect(again.get('n1')?.id).toBe('a');
    expect(['n2', 'n3', 'n4'].map((id) => again.get(id))).toEqual([undefined, undefined, undefined]);
    await again.keep(report('n2'));
    const once = openWindow();
    await once.load('n2');
    expect(once.get('n2')?.network.id).toBe('n2');
  });

  test('lie in the folder, whatever a daemon calls its networks', async () => {
    const files = new ResultFiles(path.join(folder, 'inner'));
    for (const id of ['../evil', 'a/b', '', 'N1', 'x'.repeat(65)]) {
      expect(await write(files, report(id))).toBeUndefined();
      expect(await files.read(id)).toBeUndefined();
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('what an earlier version kept in the workspace', () => {
  const run = { at: 500_000, hosts: ['a', 'b'], verdicts: '0110', times: ',1,1,' };
  const old = () =>
    memory({
      'dockerOverlay.lastReports': [
        'x',
        null,
        { schema: 'other' },
        report('n1', { id: 'a', startedAt: second(1_000) }),
        report('n1', { id: 'b', startedAt: second(2_000) }),
        report('n2', { id: 'c', startedAt: second(3_000) }),
      ],
      'dockerOverlay.runHistories': [['n1', [run]], 'x', ['n3', [run]]],
    });

  test('is taken over once', async () => {
    const kept = old();
    await openWindow(kept).start();
    expect(Object.values(kept.stored)).toEqual([undefined, undefined]);
    const again = openWindow(kept);
    await again.start();
    expect(names(again)).toEqual(['n2', 'n1']);
    await again.load('n1');
    expect(again.get('n1')?.id).toBe('b');
    expect(again.history('n1')?.of('a', 'b')).toHaveLength(1);
    expect(again.history('n1')?.size).toBe(3);
  });

  test('of another workspace comes to what is there already', async () => {
    await openWindow().keep(report('n1', { id: 'newest', startedAt: second(9_000) }));
    await openWindow(old()).start();
    const again = openWindow();
    await again.start();
    await again.load('n1');
    expect(again.get('n1')?.id).toBe('newest');
    expect(again.result('n1')?.at).toBe(9_003_000);
  });

  test('that is damaged is none', async () => {
    const kept = memory({ 'dockerOverlay.lastReports': 'broken', 'dockerOverlay.runHistories': { a: 1 } });
    const reports = openWindow(kept);
    await reports.start();
    expect(reports.all()).toEqual([]);
  });
});
