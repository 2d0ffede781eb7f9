import { describe } from 'vitest';
import { decodeEach } from '../../../src/engine/decode/json';
import { decodeContainer, decodeContainerDetails } from '../../../src/engine/decode/container';
import { decodeEvent } from '../../../src/engine/decode/event';
import { decodeInfo } from '../../../src/engine/decode/info';
import {
  decodeNetwork,
  decodeNetworkDetails,
  decodeNetworkSurvey,
  decodeService,
} from '../../../src/engine/decode/network';
import { pullProgress, streamError } from '../../../src/engine/decode/pull';
import {
  decodeNode,
  decodeSwarmSpec,
  decodeTask,
  decodeTrust,
  decodeVersionedSpec,
} from '../../../src/engine/decode/swarm';
import { HttpFailure, type Action } from '../../../src/engine/errors/failure';
import { daemonWords, joinFailureReason, translate } from '../../../src/engine/errors/translate';
import { demultiplexer, jsonLines } from '../../../src/engine/http/streams';
import { chooseVersion } from '../../../src/engine/http/version';
import { fixture, fixtureText } from '../engine/fixtures';
import { fuzzBytes, fuzzJson, fuzzText } from './support';

const versions = ['20.10', '26.1', '28.5'] as const;
const recorded = (name: string): unknown[] => versions.map((version) => fixture(version, name));
const none: ReadonlySet<string> = new Set();

describe('answers of engines', () => {
  fuzzJson('info', [...recorded('info-manager'), ...recorded('info-worker')], (value) => decodeInfo(value, '1.51'));
  fuzzJson('nodes', recorded('nodes'), (value) => [decodeEach(value, 'nodes', decodeNode), decodeTrust({}, value)]);
  fuzzJson('swarm', recorded('swarm'), (value) => [
    decodeSwarmSpec(value),
    decodeVersionedSpec(value),
    decodeTrust(value, []),
  ]);
  fuzzJson('networks', recorded('networks'), (value) => decodeEach(value, 'networks', decodeNetwork));
  fuzzJson('network', [...recorded('network'), ...recorded('ingress'), fixture('1.52', 'network')], (value) =>
    decodeNetworkSurvey(value, none),
  );
  fuzzJson('network, in short', recorded('network'), (value) => decodeNetworkDetails(value, none));
  fuzzJson('containers', recorded('containers'), (value) => decodeEach(value, 'containers', decodeContainer));
  fuzzJson('container', recorded('container'), decodeContainerDetails);
  fuzzJson(
    'service',
    [
      {
        ID: 'a'.repeat(25),
        Spec: { Name: 'web', TaskTemplate: { Networks: [{ Target: 'b'.repeat(25) }] } },
        Endpoint: { VirtualIPs: [{ NetworkID: 'b'.repeat(25), Addr: '10.0.1.2/24' }] },
      },
    ],
    decodeService,
  );
  fuzzJson(
    'task',
    [{ ID: 'a'.repeat(25), NodeID: 'b'.repeat(25), DesiredState: 'running', Status: { State: 'running' } }],
    decodeTask,
  );
  fuzzJson(
    'event',
    [
      fixture('1.52', 'event'),
      ...versions.map((version) => JSON.parse(fixtureText(version, 'events.ndjson').split('\n')[0] ?? '') as unknown),
    ],
    decodeEvent,
  );
  fuzzJson(
    'pull',
    [
      { status: 'Downloading', id: 'a', progressDetail: { current: 5, total: 100 } },
      { errorDetail: { message: 'x' }, error: 'x' },
    ],
    (value) => [pullProgress()(value), streamError(value)],
  );
});

describe('words of engines', () => {
  const texts = [
    'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing dial tcp 10.77.2.13:2377: connect: connection refused"',
    'error while removing network: network my_net has active endpoints (name:"web" id:"0f3d", name:"db" id:"1f3d")',
    'could not choose an IP address to advertise since this system has multiple addresses on interface eth0 (10.77.2.11 and fd00::5)',
    'because service x depends on it; leaves 1 managers out of 2; Could not attach to network abcd: network abcd not found',
    '<html><head><title>502 Bad Gateway</title></head></html>',
  ];
  const actions: readonly Action[] = [
    'swarm join',
    'swarm init',
    'network create',
    'network remove',
    'container start',
    'image pull',
  ];
  fuzzText('daemon text', texts, (text) => {
    const failures = actions.map((action) =>
      translate(new HttpFailure(500, text), { action, host: 'node1', name: 'x' }),
    );
    return [daemonWords(text), joinFailureReason(daemonWords(text)), failures];
  });
  fuzzText('version', ['1.51', '1.41', '29.0'], (text) => chooseVersion(text, 'node1'));
});

describe('streams of engines', () => {
  fuzzBytes('JSON lines', [Buffer.from(fixtureText('28.5', 'events.ndjson'))], (bytes) => {
    const lines = jsonLines(decodeEvent);
    for (let at = 0; at < bytes.length; at += 4_096) lines.write(bytes.subarray(at, at + 4_096));
    lines.end();
  });
  const frames = Buffer.from('\x01\0\0\0\0\0\0\x03out\x02\0\0\0\0\0\0\x03err\x01\0\0\0\0\0\0\0', 'latin1');
  fuzzBytes('frames', [frames], (bytes) => {
    const take = demultiplexer(
      () => undefined,
      () => undefined,
    );
    try {
      for (let at = 0; at < bytes.length; at += 4_096) take(bytes.subarray(at, at + 4_096));
    } catch (error) {
      // A daemon's own error, which becomes a reason where the request ends.
      if (!(error instanceof HttpFailure)) throw error;
    }
  });
});
