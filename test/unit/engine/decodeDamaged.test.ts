import { describe, expect, it } from 'vitest';
import { isOverlayError } from '../../../src/base/errors';
import { decodeEach } from '../../../src/engine/decode/json';
import { decodeContainer, decodeContainerDetails } from '../../../src/engine/decode/container';
import { decodeEvent } from '../../../src/engine/decode/event';
import { decodeInfo } from '../../../src/engine/decode/info';
import { decodeNetwork, decodeNetworkDetails } from '../../../src/engine/decode/network';
import { pullProgress, streamError } from '../../../src/engine/decode/pull';
import { decodeNode, decodeSwarmSpec, decodeVersionedSpec } from '../../../src/engine/decode/swarm';
import { isId } from '../../../src/engine/ids';
import { fixture, fixtureText } from './fixtures';

// Answers of real engines with one place after the other damaged. Whatever a later engine leaves out or makes of another
// type: the record is decoded, left out of its list, or refused with words; it never breaks the program.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Place = readonly (string | number)[];

/** What a field may have become; `undefined` is a field that is gone. */
const damages: readonly (Json | undefined)[] = [
  undefined,
  null,
  true,
  -1,
  1e308,
  '',
  'text',
  '../swarm',
  [],
  [null],
  [[]],
  ['a', 1],
  {},
  { __proto__: null, Id: 1 },
  { constructor: 'x', toString: 'y', hasOwnProperty: null },
];

const none: ReadonlySet<string> = new Set();

const decoders: Readonly<Record<string, (value: unknown) => unknown>> = {
  'info-manager': (value) => decodeInfo(value, '1.51'),
  'info-worker': (value) => decodeInfo(value, '1.51'),
  nodes: (value) => decodeEach(value, 'nodes', decodeNode),
  swarm: (value) => [decodeSwarmSpec(value), decodeVersionedSpec(value)],
  networks: (value) => decodeEach(value, 'networks', decodeNetwork),
  network: (value) => decodeNetworkDetails(value, none),
  ingress: (value) => decodeNetworkDetails(value, none),
  containers: (value) => decodeEach(value, 'containers', decodeContainer),
  container: decodeContainerDetails,
};

describe.each(['20.10', '26.1', '28.5'] as const)('an answer of Docker %s', (version) => {
  it.each(Object.entries(decoders))('%s survives any damage', (name, decode) => {
    const whole = fixture(version, name) as Json;
    expect(() => decode(whole)).not.toThrow();
    for (const place of places(whole)) for (const damage of damages) check(whole, place, damage, decode);
  });

  it('event survives any damage', () => {
    for (const line of fixtureText(version, 'events.ndjson').trim().split('\n')) {
      const whole = JSON.parse(line) as Json;
      expect(decodeEvent(whole)).toMatchObject({ type: expect.any(String), action: expect.any(String) });
      for (const place of places(whole)) for (const damage of damages) check(whole, place, damage, decodeEvent);
    }
  });

  it('tells the same of a container in its list and by itself', () => {
    const details = decodeContainerDetails(fixture(version, 'container'));
    const listed = decodeEach(fixture(version, 'containers'), 'containers', decodeContainer);
    const { id, name, networks, labels } = listed.find((one) => one.id === details.id) ?? {};
    expect({ id, name, networks, labels }).toEqual({
      id: details.id,
      name: details.name,
      networks: details.networks,
      labels: details.labels,
    });
  });
});

describe.each(['26.1', '28.5'] as const)('Docker %s', (version) => {
  it('is read like the older ones', () => {
    const info = decodeInfo(fixture(version, 'info-manager'), '1.45');
    expect(info.serverVersion.startsWith(version)).toBe(true);
    expect(info.swarm).toMatchObject({ state: 'active', isManager: true, dataPathPort: 4789, autolock: false });
    expect(info.swarm.clusterId).toBe(decodeSwarmSpec(fixture(version, 'swarm')).clusterId);
    const nodes = decodeEach(fixture(version, 'nodes'), 'nodes', decodeNode);
    expect(nodes.map((node) => node.hostname).sort()).toEqual(['host1', 'host2', 'host3']);
    expect(nodes.find((node) => node.id === info.swarm.nodeId)?.labels).toEqual({ zone: 'a' });
    const network = decodeNetworkDetails(fixture(version, 'network'), none);
    expect(network).toMatchObject({
      name: 'rec_net',
      attachable: true,
      encrypted: false,
      labels: { team: 'blue' },
      subnets: [{ subnet: '10.50.0.0/24', gateway: '10.50.0.1', ipRange: undefined }],
    });
    expect(network.endpoints).toHaveLength(1);
    expect(isId((fixture(version, 'network-created') as { Id: string }).Id)).toBe(true);
    expect(isId((fixture(version, 'container-created') as { Id: string }).Id)).toBe(true);
    const events = fixtureText(version, 'events.ndjson').trim().split('\n');
    const actions = events
      .map((line) => decodeEvent(JSON.parse(line)))
      .map((event) => `${event?.type} ${event?.action}`);
    expect(actions).toEqual(expect.arrayContaining(['container start', 'container destroy', 'network remove']));
  });
});

describe('the records of a pull', () => {
  it('survive any damage', () => {
    const whole: Json = {
      id: 'a1b2',
      status: 'Downloading',
      progressDetail: { current: 5, total: 10 },
      progress: '[=>]',
    };
    for (const place of places(whole)) for (const damage of damages) check(whole, place, damage, pullProgress());
    const failed: Json = { error: 'no', errorDetail: { message: 'no' } };
    for (const place of places(failed)) for (const damage of damages) check(failed, place, damage, streamError);
  });
});

function check(whole: Json, place: Place, damage: Json | undefined, decode: (value: unknown) => unknown): void {
  const damaged = withDamage(whole, place, damage);
  try {
    // Printing touches every field of the result.
    JSON.stringify(decode(damaged));
  } catch (error) {
    const where = `${place.join('.')} = ${JSON.stringify(damage)}: ${String(error)}`;
    expect(isOverlayError(error) && error.reason, where).toBe('engineError');
  }
}

/** All places of a value, itself included. Of long lists the first two, for the others are of the same form. */
function places(value: Json, place: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [place];
  const entries: [string | number, Json][] = Array.isArray(value)
    ? value.slice(0, 2).map((item, index) => [index, item])
    : Object.entries(value);
  return [place, ...entries.flatMap(([key, item]) => places(item, [...place, key]))];
}

function withDamage(value: Json | undefined, place: Place, damage: Json | undefined): Json | undefined {
  const [key, ...rest] = place;
  if (key === undefined) return damage;
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => (index === key ? (withDamage(item, rest, damage) ?? []) : [item]));
  }
  const copy = { ...(value as Record<string, Json>) };
  const changed = withDamage(copy[key], rest, damage);
  if (changed === undefined) delete copy[key];
  else copy[key] = changed;
  return copy;
}
