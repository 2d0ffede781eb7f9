import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import { summarise, type VerificationReport } from '../../../src/model/report/matrix';
import { LastReports } from '../../../src/ui/verification/results/lastReports';
import { ResultFiles, usualLimits } from '../../../src/ui/verification/results/resultFiles';
import { mostRuns } from '../../../src/ui/verification/watch/runHistory';
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

describe('results of a network', () => {
  const of = (id: string, n: number, more: Partial<VerificationReport> = {}) =>
    report('n1', { id, startedAt: second(n), ...more });
  const failed = { outcome: 'failed' } as const;
  const reportFiles = () => readdirSync(folder).filter((name) => !name.includes('.run.'));

  test('that came to their end outlive any number of runs that failed, here and on disk', async () => {
    const reports = openWindow();
    await reports.keep(of('a', 1));
    await reports.keep(of('b', 2));
    for (let run = 3; run < 9; run += 1) await reports.keep(of(`failed${run}`, run, failed));
    const again = openWindow();
    await again.start();
    expect(again.result('n1')?.at).toBe(2_000 + 3_000);
    await again.load('n1');
    for (const window of [reports, again]) {
      expect(window.get('n1')?.id).toBe('failed8');
      expect(window.lastFinished('n1')?.id).toBe('b');
      expect(window.before(of('b', 2))?.id).toBe('a');
      expect(window.result('n1')?.at).toBe(2_000 + 3_000);
    }
    expect(reportFiles()).toHaveLength(3);
    // One that failed before it is of no use any more.
    await again.keep(of('c', 9));
    expect(reportFiles()).toHaveLength(2);
  });

  test('of windows that keep theirs in the same moment are all there', async () => {
    const windows = [openWindow(), openWindow(), openWindow()];
    for (let round = 0; round < 10; round += 1)
      await Promise.all(windows.map((window, index) => window.keep(of(`${round} ${index}`, round * 3 + index + 1))));
    const again = openWindow();
    await again.load('n1');
    expect(again.history('n1')?.size).toBe(30);
    expect([again.get('n1')?.id, again.before(of('9 2', 30))?.id]).toEqual(['9 2', '9 1']);
    await windows[0]?.load('n1');
    expect(windows[0]?.history('n1')?.size).toBe(30);
  });

  test('are let go of when nobody needs them, but not what could not be written', async () => {
    const reports = openWindow();
    await reports.keep(of('a', 1));
    await reports.keep(report('n2'));
    await reports.release((id) => id === 'n2');
    expect([reports.get('n1'), reports.get('n2')?.id]).toEqual([undefined, 'run']);
    expect(reports.result('n1')?.reachable).toBe(6);
    // Who has loaded it may look at it, whatever else is going on.
    const loading = reports.load('n1').then(() => reports.get('n1')?.id);
    void reports.release(() => false);
    expect(await loading).toBe('a');

    const nowhere = openWindow(memory(), new ResultFiles(path.join(folder, readdirSync(folder)[0] ?? '')));
    await nowhere.keep(of('b', 2));
    await nowhere.release(() => false);
    expect(nowhere.get('n1')?.id).toBe('b');
  });

  test('are written once and in portions, whatever is kept already', async () => {
    const reports = openWindow();
    const stamps = () =>
      new Map(readdirSync(folder).map((name) => [name, statSync(path.join(folder, name), { bigint: true })]));
    await reports.keep(mesh('n1', 100, second(1)));
    const before = stamps();
    await reports.keep(mesh('n1', 100, second(2)));
    const after = stamps();
    expect([before.size, after.size]).toEqual([2, 4]);
    for (const [name, { ino, mtimeNs }] of before) expect(after.get(name)).toMatchObject({ ino, mtimeNs });
    // Others have their turn between two lines.
    const lines = readFileSync(path.join(folder, reportFiles()[0] ?? ''), 'utf8').split('\n');
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) expect(line.length).toBeLessThan(500_000);
  });
});

describe('the files of results', () => {
  const limits = { ...usualLimits, networks: 3, allBytes: 4_000, report: 2_000 };
  const sizedReport = (id: string, size: number, startedAt = second(1)) =>
    report(id, { id: startedAt, startedAt, clusterId: 'x'.repeat(size) });
  const networks = () => [...new Set(readdirSync(folder).map((name) => name.split('.')[0]))].sort();
  const fileOf = (begin: string) => path.join(folder, readdirSync(folder).find((name) => name.startsWith(begin)) ?? '');

  test('are one a report and one a run, which nobody else can read', async () => {
    await openWindow().keep(report('n1'));
    const kinds = readdirSync(folder).map((name) => name.split('.')[2]);
    expect(kinds.sort()).toEqual(['finished', 'run']);
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o077).toBe(0);
  });

  test('are of so many networks, those verified longest ago go', async () => {
    const files = new ResultFiles(folder, { ...limits, allBytes: 1_000_000 });
    for (const [index, id] of ['b', 'c', 'd', 'a'].entries())
      await files.write(report(id, { startedAt: second(index) }), []);
    expect(networks()).toEqual(['a', 'c', 'd']);
    // The one that was written last stays, whatever its clock says.
    await files.write(report('e', { startedAt: second(0) }), []);
    expect(networks()).toEqual(['a', 'd', 'e']);
  });

  test('are of so many runs', async () => {
    const files = new ResultFiles(folder);
    for (let run = 0; run < mostRuns + 3; run += 1)
      await files.write(report('a', { startedAt: second(run) }), [{ at: run, hosts: [], verdicts: '', times: '' }]);
    const { runs, reports } = await files.read('a', new Set());
    expect([runs.length, reports.length]).toEqual([mostRuns, 2]);
  });

  test('are bounded in size', async () => {
    const files = new ResultFiles(folder, limits);
    for (const [index, id] of ['a', 'b', 'c'].entries()) await files.write(sizedReport(id, 1_200, second(index)), []);
    expect(networks()).toEqual(['b', 'c']);
    // Of what does not fit at all the figures are still known.
    await files.write(sizedReport('e', 5_000, second(9)), []);
    expect((await files.read('e', new Set())).reports).toEqual([]);
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
    await openWindow().keep(mesh('n1', 3, second(1)));
    await openWindow().keep(mesh('n1', 3, second(2)));
    await openWindow().keep(mesh('n1', 3, second(3)));
    const newest = fileOf('n1.3000.finished.');
    const lines = readFileSync(newest, 'utf8').split('\n');
    writeFileSync(fileOf('n1.1000.run.'), '{"at":7}');
    for (const damaged of [
      '',
      'null',
      '5',
      'x'.repeat(200_000),
      lines.slice(0, 2).join('\n'),
      lines[0]?.slice(0, 50),
      // A pair without the result that all look at.
      lines.join('\n').replaceAll('"address":{', '"other":{'),
    ]) {
      writeFileSync(newest, damaged ?? '');
      const again = openWindow();
      await again.start();
      expect(names(again)).toEqual(['n1']);
      await again.load('n1');
      expect([again.get('n1')?.id, again.history('n1')?.size]).toEqual([second(2), 2]);
    }
    // Under the name of another network it is nobody's.
    writeFileSync(newest.replace('n1.', 'n2.'), lines.join('\n'));
    const other = openWindow();
    await other.start();
    await other.load('n2');
    expect([names(other), other.get('n2')]).toEqual([['n1'], undefined]);
  });

  test('lie in the folder, whatever a daemon calls its networks', async () => {
    const files = new ResultFiles(path.join(folder, 'inner'));
    for (const id of ['../evil', 'a/b', '', 'N1', 'x'.repeat(65)]) {
      expect(await files.write(report(id), [])).toEqual([]);
      expect((await files.read(id, new Set())).reports).toEqual([]);
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
        { ...mesh('n4', 3, second(5_000)), pairs: [{ from: 'node1', to: 'node2' }] },
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
