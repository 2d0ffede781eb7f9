import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import { LastReports } from '../../../src/ui/verification/results/lastReports';
import { ResultFiles } from '../../../src/ui/verification/results/resultFiles';
import { linesOf } from '../../../src/ui/verification/results/reportLines';
import { headOf, readHead } from '../../../src/ui/verification/results/resultHead';
import { RunHistory } from '../../../src/ui/verification/watch/runHistory';
import { parseReading } from '../../../src/verify/facts/parseReading';
import { parseScriptLine } from '../../../src/verify/matrix/parse';
import { parsePing, parseResolved } from '../../../src/verify/scriptParts/parsePing';
import { parsePortLine, parseTcp, parseUdp } from '../../../src/verify/ports/parse';
import { parseAddresses, parseAssociations } from '../../../src/verify/proof/watch/associations';
import { CaptureReader } from '../../../src/verify/proof/watch/capture';
import type { VerificationReport } from '../../../src/model/report/matrix';
import { toJson, toJunit, toMarkdown, toText } from '../../../src/verify/reports';
import { decodeFromPage, decodeKeptState, isToPage } from '../../../src/webview/guard';
import { protocolVersion } from '../../../src/webview/protocol';
import { runOf, storedOf } from '../../../src/ui/verification/watch/storedRuns';
import { dead, matrixOf, reportOf } from '../diagnosis/samples';
import { fuzzFile, fuzzJson, fuzzLines } from './support';

// What programs in containers print, what the page says, what the editor has kept.

const ping =
  '--- web ping statistics --- 3 packets transmitted, 2 packets received, +1 errors, 33% packet loss round-trip min/avg/max = 0.1/0.2/0.3 ms times 0.1 0.2 0.3';

describe('output of programs', () => {
  fuzzLines(
    'ping script',
    [
      `1 a 3 PING 10.0.1.4 (10.0.1.4): 56 data bytes ${ping}`,
      `2 n 3 PING web(web.net (fd00::4)) 56 data bytes ${ping}`,
      '3 f 1450 1400\n3 t 1.0 2.0 ok @1.5 65536 @2.0\n3 t 1.0 2.0 nc: connection refused\n3 s 1',
      'k # CONFIG_INET_ESP is not set',
      'ping: bad address web',
    ],
    (lines) => lines.forEach((line) => [parseScriptLine(line), parsePing(line), parseResolved(line)]),
  );
  fuzzLines(
    'reading of a host',
    [
      't 1700000000.123\nk 6.1.0\nf CONFIG_VXLAN=m\nl vxlan \nd modules.dep\nm kernel/net/vxlan.ko',
      'i eth0 1500 0x1003 1\na 2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\ni br0@if4 1500 0x1003',
      'r default via 10.0.0.1 dev eth0 proto dhcp\nr 10.0.0.0/24 dev eth0\nr 10.1.0.0/16\nr nexthop via 10.0.0.2 dev eth0 weight 1\nr unreachable 10.2.0.0/16',
    ],
    parseReading,
  );
  fuzzLines(
    'port check',
    [
      'r 12 0 traceroute to 10.0.0.2 (10.0.0.2), 64 hops max, 46 byte packets 64 10.0.0.2 0.4 ms !X',
      'f tcp 10.0.0.1 10.0.0.2 40000 2377\na eth0 10.0.0.1/24\ns 5\nm nc\nc yes\ne',
      'r 1 1 nc: 10.0.0.2: connection refused',
    ],
    (lines) => lines.forEach((line) => [parsePortLine(line), parseTcp(1, line), parseUdp('10.0.0.2', line)]),
  );
  fuzzLines(
    'tcpdump',
    [
      'listening on any, link-type LINUX_SLL2\n1700000000.123456 eth0 In  IP 10.0.0.1 > 10.0.0.2: ESP(spi=0x0000abcd,seq=0x1), length 116',
      '1700000000.123456 IP 10.0.0.1.4789 > 10.0.0.2.4789: VXLAN, flags [I] (0x08), vni 4097\nIP 10.0.1.2 > 10.0.1.3: ICMP echo request, id 1, seq 1, length 64',
      '12 packets dropped by kernel',
    ],
    (lines) => {
      const reader = new CaptureReader();
      for (const line of lines) reader.push(line);
      reader.end();
    },
  );
  fuzzLines(
    'security associations',
    [
      'src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x1 reqid 1 mode transport\n\t  116(bytes), 3(packets)\n\t  add 2026-11-22 17:40:59 use -',
      '2: eth0    inet 10.0.0.1/24 scope global eth0',
    ],
    (lines) => [parseAssociations(lines, '2026-11-22 17:41:59'), parseAddresses(lines)],
  );
});

const dir = mkdtempSync(join(tmpdir(), 'fuzz-'));
afterAll(() => rmSync(dir, { recursive: true }));

const report = reportOf(matrixOf(4, (from, to) => (from === 'node2' || to === 'node2' ? dead : undefined)));

describe('what is kept and what the page says', () => {
  const pages = [
    { type: 'checkAgain', pairs: [{ from: 'a', to: 'b' }] },
    { type: 'copy', text: 'docker info' },
    { type: 'export', format: 'json' },
    { type: 'history', from: 'a', to: 'b' },
  ];
  fuzzJson('messages of the page', pages, decodeFromPage);
  fuzzJson('messages to the page', [{ type: 'report', report, version: protocolVersion }], isToPage);
  const header = {
    clusterId: 'c',
    clusterName: 'prod',
    networkId: 'n',
    networkName: 'net',
    encrypted: true,
    subnets: ['10.0.0.0/24'],
    pings: 3,
  };
  fuzzJson(
    'kept state of the page',
    [{ header, view: { grouping: 'zone', search: 'x', collapsed: [{ grouping: 'zone', name: 'a' }] } }],
    decodeKeptState,
  );
  fuzzJson('kept runs', [{ at: 1, hosts: ['a', 'b'], verdicts: '0000', times: ',5k,5k,' }], runOf);
  fuzzJson('history', [{ at: 1, hosts: ['a', 'b'], verdicts: '0000', times: ',5k,5k,' }], (value) => {
    const run = runOf(value);
    return [new RunHistory([value]).of('a', 'b'), run && storedOf(run)];
  });
  fuzzJson('head of kept results', [headOf(report)], readHead);
  const keptLines = [JSON.stringify(headOf(report)), ...linesOf(report)];
  fuzzFile('kept results', [keptLines.map((line) => `${line}\n`).join('')], async (text) => {
    writeFileSync(join(dir, `${report.network.id}.1700000000000.finished.0123456789ab.jsonl`), text);
    const failures: unknown[] = [];
    const logger = { ...silentLogger, error: (_: string, error?: unknown) => failures.push(error) };
    const results = new LastReports(new ResultFiles(dir), logger, {
      get: () => undefined,
      update: async () => undefined,
    });
    await results.start();
    await results.load(report.network.id);
    const last = results.get(report.network.id);
    if (last) results.before(last);
    results.history(report.network.id)?.of('a', 'b');
    results.all();
    if (failures.length > 0) throw failures[0];
  });
  // A report may hold any words; each form of it is made of them.
  fuzzJson('reports', [report], (value) => {
    const worded = reworded(report, value) as VerificationReport;
    toJson(worded);
    toJunit(worded);
    toMarkdown(worded);
    toText(worded);
  });
});

/** No honest text is longer. */
const longestText = 20_000;
const fixedWords = new Set(['schema', 'outcome', 'confidence', 'problemReason']);

/** A value formed like the sample, with the words and figures of another one where that has any. */
function reworded(sample: unknown, value: unknown, key = ''): unknown {
  if (typeof sample === 'string') {
    return typeof value === 'string' && value.length <= longestText && !fixedWords.has(key) ? value : sample;
  }
  if (typeof sample === 'number') return typeof value === 'number' && value >= 0 ? value : sample;
  if (Array.isArray(sample)) {
    return sample.map((item, index) => reworded(item, Array.isArray(value) ? value[index] : undefined, key));
  }
  if (typeof sample !== 'object' || sample === null) return sample;
  const members = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  return Object.fromEntries(
    Object.entries(sample).map(([name, member]) => [name, reworded(member, members[name], name)]),
  );
}
