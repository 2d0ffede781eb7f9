import { describe, expect, it } from 'vitest';
import { containerMtu, overlayMtu, underlayMtuOf } from '../../../src/model/network/overlayOptions';
import {
  encryptionFaults,
  needsUsualPort,
  numbersKeysDifferently,
  packetMatches,
} from '../../../src/model/engine/engineFaults';
import { network } from '../ui/topologies';

describe('containerMtu', () => {
  // Each was read back inside a container on 20.10.24.
  it.each([
    [1500, false, 1450],
    [1500, true, 1424],
    [1400, false, 1350],
    [1400, true, 1324],
    [1401, false, 1351],
    [9000, true, 8924],
  ])('%i, encrypted %s: %i', (underlay, encrypted, mtu) => expect(containerMtu(underlay, encrypted)).toBe(mtu));

  // Docker takes 0 for its default, and refuses to make a network with what is no number for Go's Atoi.
  it.each([
    ['1400', 1400],
    ['+1400', 1400],
    ['01400', 1400],
    ['0', undefined],
    ['1e3', undefined],
    [' 1400', undefined],
    ['-5', undefined],
    ['abc', undefined],
    ['', undefined],
  ])('is read out of the driver options in one way: %j', (mtu, underlay) => {
    const options = { 'com.docker.network.driver.mtu': mtu };
    expect(underlayMtuOf(options)).toBe(underlay);
    expect(overlayMtu(network('n', { options, encrypted: false }))).toEqual({
      underlay: underlay ?? 1500,
      container: containerMtu(underlay ?? 1500, false),
    });
    expect(underlayMtuOf(undefined)).toBeUndefined();
  });
});

describe('engine faults', () => {
  const idsOf = (version: string) => encryptionFaults(version).map(({ id }) => id);

  it('knows engines that send plaintext', () => {
    for (const version of ['20.10.23', '23.0.2', '19.3.1', '20.10.5+dfsg1'])
      expect(idsOf(version)).toContain('plaintext');
    for (const version of ['20.10.24', '23.0.3', '24.0.0', '28.5.2']) expect(idsOf(version)).not.toContain('plaintext');
    expect(idsOf('dev')).toEqual([]);
  });

  it('knows the later ones by their ranges', () => {
    expect(idsOf('25.0.18')).toContain('injection');
    expect(idsOf('25.0.19')).toEqual([]);
    expect(idsOf('26.0.0')).toContain('injection');
    expect(idsOf('29.9.3')).toEqual([]);
  });

  it('knows who needs port 4789, numbers keys in its own way, and finds packets how', () => {
    expect(['23.0.6', '24.0.2', '20.10.24'].map(needsUsualPort)).toEqual([true, true, true]);
    expect(['23.0.7', '24.0.3', '25.0.0'].map(needsUsualPort)).toEqual([false, false, false]);
    expect(['25.0.13', '29.1.3', '28.2.2'].map(numbersKeysDifferently)).toEqual([true, true, true]);
    expect(['25.0.15', '28.5.2', '29.2.1', 'dev'].map(numbersKeysDifferently)).toEqual([
      false,
      false,
      false,
      undefined,
    ]);
    expect(packetMatches('20.10.5')).toEqual(['xtU32']);
    expect(packetMatches('20.10.24')).toEqual(['xtU32', 'xtBpf']);
    expect(packetMatches('28.5.2')).toEqual(['xtBpf']);
  });
});
