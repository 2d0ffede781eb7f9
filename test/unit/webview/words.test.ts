import { describe, expect, it } from 'vitest';
import type { PairResult } from '../../../src/model/report/matrix';
import { cellOf, formatMs, kindOf, lossOf } from '../../../src/webview/page/state/cells';
import { reduce, type PageState } from '../../../src/webview/page/state/reducer';
import { cellLabel, detailOf, problemOf } from '../../../src/webview/page/detail/detailWords';
import { announcementOf, historyWords, shorten, statusOf, tally, watchWords } from '../../../src/webview/page/words';
import type { PanelState } from '../../../src/webview/protocol';
import { doneState, hostsOf, mixedReport, pairsOf, reportOf, sampleHeader } from '../../browser/page/samples';

const hosts = hostsOf(3);
const untried = { outcome: 'notTried', sent: 0, received: 0 } as const;

function show(state: PanelState): PageState {
  const shown = reduce(undefined, [{ type: 'state', state }]);
  if (!shown) throw new Error('no state');
  return shown;
}

function running(pairs: readonly PairResult[], sources: readonly string[] = []): PageState {
  const phase = 'running';
  return show({ header: sampleHeader, phase, stage: 'Pinging', startedAt: 0, hosts, pairs, running: sources });
}

const wordsOf = (state: PageState) => {
  const status = statusOf(state, tally(state));
  return [status.words, ...status.more].join(' · ');
};

describe('cells', () => {
  it('show figures, faults in words, and the diagonal', () => {
    const kinds = ['reachable', 'lossy', 'nameOnly', 'dead', 'unknown'] as const;
    const many = hostsOf(6);
    const pairs = pairsOf(many, (row, column) => (row === 0 ? (kinds[column - 1] ?? 'reachable') : 'reachable'));
    const state = show(doneState(reportOf(many, pairs)));
    const cells = many.map((_, column) => cellOf(state, 0, column));
    expect(cells.map((cell) => cell.kind)).toEqual(['self', ...kinds]);
    expect(cells.map((cell) => `${cell.word}${cell.unit ?? ''}`).slice(2)).toEqual(['33%', 'name', 'dead', '–']);
  });

  it('go from empty to pending to the result', () => {
    const [pair] = pairsOf(hosts) as [PairResult];
    expect(kindOf(running([]), 0, 1)).toBe('empty');
    expect(kindOf(running([], ['node1']), 0, 1)).toBe('pending');
    expect(kindOf(running([pair], ['node1']), 0, 1)).toBe('reachable');
  });

  it('stay pending while the results of a pair come one by one', () => {
    const [pair] = pairsOf(hosts) as [PairResult];
    expect(kindOf(running([{ ...pair, byName: untried }], ['node1']), 0, 1)).toBe('pending');
    expect(kindOf(running([{ ...pair, address: untried, byName: untried }], ['node1']), 0, 1)).toBe('pending');
    const unnamed: PairResult = { ...pair, name: { outcome: 'unknown' }, byName: untried };
    expect(kindOf(running([unnamed], ['node1']), 0, 1)).toBe('nameOnly');
  });

  it('of hosts that take no part are not tried', () => {
    const problem = { title: 'No access', happened: '', remedy: '' };
    const state = reduce(running([], ['node1']), [{ type: 'host', host: { host: 'node2', problem } }]);
    if (!state) throw new Error('no state');
    expect(kindOf(state, 0, 1)).toBe('unknown');
    expect(kindOf(state, 0, 2)).toBe('pending');
    expect(problemOf(state, 0, 1)).toBe('node2: No access');
  });

  it.each([
    [0.043, '0.04 ms'],
    [0.2, '0.2 ms'],
    [9.96, '10 ms'],
    [123.4, '123 ms'],
    [999.6, '1.0 s'],
  ])('write %d ms as %s', (ms, text) => {
    expect(Object.values(formatMs(ms) ?? {}).join(' ')).toBe(text);
  });

  it('never round a loss away', () => {
    const sent = 1000;
    expect([1000, 999, 500, 1, 0].map((received) => lossOf({ outcome: 'partial', sent, received }))).toEqual([
      0, 1, 50, 99, 100,
    ]);
    expect(lossOf(untried)).toBeUndefined();
  });
});

describe('the status line', () => {
  it('of a healthy network', () => {
    expect(wordsOf(show(doneState(reportOf(hosts, pairsOf(hosts)))))).toBe(
      'All 6 pairs reachable · 3.1 s · test containers removed',
    );
  });

  it('of a network with dead pairs', () => {
    const state = show(doneState(mixedReport()));
    expect(wordsOf(state)).toBe('2 of 6 pairs reachable · 3.1 s · test containers removed');
    expect(statusOf(state, tally(state)).tone).toBe('bad');
  });

  it('of a cancelled run', () => {
    const report = reportOf(hosts, pairsOf(hosts).slice(0, 3), {
      outcome: 'cancelled',
      cleanUp: { removed: 1, left: ['a on node1', 'b on node2'] },
    });
    expect(wordsOf(show(doneState(report)))).toBe(
      'Cancelled after 3 of 6 pairs · 3 reachable · 3.1 s · 2 test containers left behind, removed at the next connect',
    );
  });

  it('of a run that failed as a whole', () => {
    const error = { reason: 'imageMissing', title: 'No image', happened: 'It is missing.', remedy: 'Load it.' };
    const state = show(doneState(reportOf([], [], { outcome: 'failed', error, cleanUp: { removed: 0, left: [] } })));
    expect(wordsOf(state)).toBe('my_net could not be verified · 3.1 s');
    expect(announcementOf(state)).toBe('my_net could not be verified: No image. It is missing. Load it.');
  });

  it('while running counts settled pairs', () => {
    const pairs = pairsOf(hosts).map((pair, index) => (index === 0 ? { ...pair, byName: untried } : pair));
    expect(wordsOf(running(pairs.slice(0, 3)))).toBe('Pinging · 2 of 6 pairs');
    expect(wordsOf(running([]))).toBe('Pinging');
  });

  it('is announced with its findings', () => {
    expect(announcementOf(show(doneState(mixedReport())))).toBe(
      '2 of 6 pairs reachable, 3.1 s, test containers removed. 1 finding: node2: the data path is blocked',
    );
  });
});

describe('a pair in words', () => {
  const state = show(doneState(mixedReport()));

  it('has the same fields for every pair', () => {
    const labels = (from: number, to: number) => detailOf(state, from, to).map((field) => field.label);
    expect(labels(0, 1)).toEqual(labels(0, 2));
  });

  it('says what a dead pair answered', () => {
    expect(detailOf(state, 0, 1).map((field) => field.value)).toEqual([
      '10.0.1.3 (right)',
      'no',
      'no',
      '100 %',
      '–',
      '–',
      'not tried',
      'not tried',
    ]);
  });

  it('has all layers, with units', () => {
    const [pair] = pairsOf(hosts) as [PairResult];
    const answered = { ...pair.address, minMs: 0.1, avgMs: 0.21, maxMs: 12, jitterMs: 0.04 };
    const fullSize = { outcome: 'blocked', mtu: 1450, largest: 1372 } as const;
    const tcp = { outcome: 'passed', connectMs: 0.3, sent: 65_536, received: 65_536, transferMs: 1.2 } as const;
    const layered = show(doneState(reportOf(hosts, [{ ...pair, address: answered, ipv6: untried, fullSize, tcp }])));
    const fields = Object.fromEntries(detailOf(layered, 0, 1).map(({ label, value }) => [label, value]));
    expect(fields).toMatchObject({
      Jitter: '0.04 ms',
      'Full-size packets': 'only 1372 of 1450 bytes pass',
      TCP: 'connects in 0.3 ms, 64 KB in 1.2 ms',
      'IPv6 answers': 'not tried',
    });
  });

  it.each([
    [{ outcome: 'refused', received: 0, sent: 0 }, 'refused'],
    [{ outcome: 'silent', received: 0, sent: 0 }, 'no answer'],
    [{ outcome: 'stalled', received: 4_096, sent: 65_536 }, 'stalls after 4 KB of 64 KB'],
    [{ outcome: 'error', received: 0, sent: 0 }, 'could not be tried'],
  ] as const)('says of TCP %j: %s', (tcp, words) => {
    const [pair] = pairsOf(hosts) as [PairResult];
    const shown = show(doneState(reportOf(hosts, [{ ...pair, tcp }])));
    expect(detailOf(shown, 0, 1).find(({ label }) => label === 'TCP')?.value).toBe(words);
  });

  it('tells in its cell which layer fails when no small packet is lost', () => {
    const [pair] = pairsOf(hosts) as [PairResult];
    const wordOf = (more: Partial<PairResult>) =>
      cellOf(show(doneState(reportOf(hosts, [{ ...pair, ...more }]))), 0, 1).word;
    expect(wordOf({ fullSize: { outcome: 'blocked', mtu: 1450 } })).toBe('size');
    expect(wordOf({ tcp: { outcome: 'stalled', received: 0, sent: 65_536 } })).toBe('TCP');
    expect(wordOf({ ipv6: { outcome: 'silent', sent: 3, received: 0 } })).toBe('IPv6');
  });

  it('is read out', () => {
    expect(cellLabel(state, 0, 0)).toBe('node1: itself');
    expect(cellLabel(state, 0, 2)).toBe('node1 to node3: reachable, 1.2 ms');
    expect(cellLabel(state, 0, 1)).toBe(
      'node1 to node2: dead. Name: 10.0.1.3 (right). Address answers: no. Name answers: no. Loss: 100 %',
    );
  });
});

describe('shorten', () => {
  it('keeps both ends, which tell hosts apart', () => {
    expect(shorten('worker-eu-central-12', 11)).toBe('worke…al-12');
    expect(shorten('worker-eu-central-12', 11)).toHaveLength(11);
    expect(shorten('node1', 11)).toBe('node1');
  });
});

describe('a watched network', () => {
  const watch = { seconds: 30, phase: 'waiting', runs: 5, nextAt: 20_000 } as const;

  it('says when it is verified next', () => {
    expect(watchWords(watch, 8_200)).toBe('Watching every 30 s · 5 runs · next in 12 s');
    expect(watchWords(watch, 25_000)).toBe('Watching every 30 s · 5 runs · next in 0 s');
    expect(watchWords({ ...watch, phase: 'verifying', runs: 1 }, 0)).toBe(
      'Watching every 30 s · 1 run · verifying now',
    );
    expect(watchWords({ seconds: 30, runs: 0, phase: 'resuming' }, 0)).toBe(
      'Watching every 30 s · goes on once the hosts are connected',
    );
  });

  it('has a history in words', () => {
    const runs = [
      { at: 0, verdict: 'reachable', avgMs: 0.2 },
      { at: 1, verdict: 'dead' },
      { at: 2, verdict: 'reachable', avgMs: 0.9 },
    ] as const;
    expect(historyWords(runs)).toMatch(/^3 runs since \d\d:\d\d:\d\d: 2 reachable, 1 dead; 0\.2 ms to 0\.9 ms$/);
  });
});
