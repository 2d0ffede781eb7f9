import { describe, vi } from 'vitest';
import { contains, overlaps, parseCidr, addressToNumber } from '../../../src/model/network/address';
import {
  encryptionFaults,
  needsUsualPort,
  numbersKeysDifferently,
  packetMatches,
} from '../../../src/model/engine/engineFaults';
import { withoutPort } from '../../../src/model/host/hostAddress';
import { subnetUse } from '../../../src/model/network/networkUse';
import { overlayMtu, otherOptions, vxlanIds } from '../../../src/model/network/overlayOptions';
import { placeOf } from '../../../src/model/swarm/placement';
import { commandIds } from '../../../src/contributions';
import { toArguments } from '../../../src/ui/command/arguments';
import { InsecureConsents } from '../../../src/ui/hosts/prompts/insecureConsents';
import { parseLabel, labelProblem } from '../../../src/ui/swarm/commands/labelItems';
import { inTwoLines } from '../../../src/ui/quickPick/preview';
import { tooltip } from '../../../src/ui/tree/tooltip';
import { WatchMemory } from '../../../src/ui/verification/watch/watchMemory';
import { network } from '../ui/topologies';
import { fuzzJson, fuzzText } from './support';

vi.mock('vscode', () => ({}));

// What the window makes of words and records that engines, programs and the editor's memory hold.

describe('words of engines in the window', () => {
  fuzzText('engine version', ['20.10.24+dfsg1', '28.5.2-rc.1', '29.0.0'], (text) => [
    encryptionFaults(text),
    needsUsualPort(text),
    numbersKeysDifferently(text),
    packetMatches(text),
  ]);
  fuzzText('address', ['10.0.0.0/24', 'fd00:50::/64', '[fd00::1]:2377', '::ffff:10.0.0.1'], (text) => {
    const block = parseCidr(text);
    if (block) [overlaps(block, block), contains(block, text)].forEach(String);
    return [addressToNumber(text), withoutPort(text), subnetUse({ subnet: text, gateway: text }, [text])];
  });
  fuzzText('options of a network', ['1400', '4097,4098'], (text) => {
    const options = { 'com.docker.network.driver.mtu': text, 'com.docker.network.driver.overlay.vxlanid_list': text };
    const one = network('n', { options });
    return [overlayMtu(one), vxlanIds(one), otherOptions(one)];
  });
  fuzzText('labels', ['zone=eu-1', 'rack = "a b"'], (text) => [
    parseLabel(text),
    labelProblem(text),
    placeOf({ zone: text }),
  ]);
  fuzzText('tooltip', ['my_net | a', 'Docker says: x. And more; then (this), that'], (text) =>
    tooltip(text, [[text, text]], [text]),
  );
  fuzzText('line of a preview', ['Creates my_net: 10.0.0.0/24, encrypted; then (x) -- y'], inTwoLines);
});

describe('records of programs and of memory', () => {
  const memory = (value: unknown) => ({ get: () => value, update: async () => undefined });
  fuzzJson(
    'arguments of commands',
    [{ hosts: ['a'], networkId: 'n', containers: [{ host: 'a', id: 'b' }], ipv6: true, name: 'x' }],
    (value) => commandIds.forEach((id) => toArguments(id, value, [])),
  );
  fuzzJson(
    'watched networks',
    [[{ clusterId: 'c', networkId: 'n', name: 'net', seconds: 5 }]],
    (value) => new WatchMemory(memory(value)).all,
  );
  fuzzJson('consents', [['tcp://a:2375 plain TCP']], (value) =>
    new InsecureConsents(memory(value), async () => false).isKept({
      host: 'a',
      address: 'tcp://a:2375',
      why: 'plain TCP',
    }),
  );
});
