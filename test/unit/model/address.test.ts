import { describe, expect, it } from 'vitest';
import { addressToNumber, contains, overlaps, parseCidr, type Cidr } from '../../../src/model/network/address';

const cidr = (text: string): Cidr => {
  const block = parseCidr(text);
  if (!block) throw new Error(`${text} is no block`);
  return block;
};

describe('parseCidr', () => {
  it('reads blocks of both families and cuts off host bits', () => {
    expect(cidr('10.0.1.0/24')).toEqual({ family: 4, base: 0x0a000100n, last: 0x0a0001ffn, prefix: 24 });
    expect(cidr('10.0.1.77/24').base).toBe(0x0a000100n);
    expect(cidr('0.0.0.0/0').last).toBe(0xffffffffn);
    expect(cidr(' fd00::/64 ')).toMatchObject({ family: 6, base: 0xfdn << 120n, prefix: 64 });
    expect(cidr('10.1.2.3/32')).toMatchObject({ base: 0x0a010203n, last: 0x0a010203n });
  });

  it.each([
    '',
    '10.0.1.0',
    '10.0.1.0/33',
    'fd00::/129',
    '10.0.1/24',
    '300.0.0.0/8',
    'a/b',
    '10.0.0.0/-1',
    '10.0.0.0 /8',
    '/8',
  ])('refuses %j', (text) => expect(parseCidr(text)).toBeUndefined());
});

describe('overlaps', () => {
  it.each([
    ['10.0.0.0/8', '10.20.0.0/24', true],
    ['10.0.0.0/24', '10.0.1.0/24', false],
    ['10.0.0.0/25', '10.0.0.128/25', false],
    ['10.0.0.0/24', '10.0.0.255/32', true],
    ['fd00::/8', 'fd12:3456::/32', true],
    ['::/0', '0.0.0.0/0', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlaps(cidr(a), cidr(b))).toBe(expected);
    expect(overlaps(cidr(b), cidr(a))).toBe(expected);
  });
});

describe('contains', () => {
  it('looks at value and family', () => {
    expect(contains(cidr('10.0.1.0/24'), '10.0.1.255')).toBe(true);
    expect(contains(cidr('10.0.1.0/24'), '10.0.2.0')).toBe(false);
    expect(contains(cidr('10.0.1.0/24'), 'fd00::1')).toBe(false);
    expect(contains(cidr('fd00::/64'), 'fd00::ffff')).toBe(true);
    expect(contains(cidr('fd00::/64'), 'nonsense')).toBe(false);
  });
});

describe('addressToNumber', () => {
  it.each([
    ['0.0.0.1', 1n],
    ['255.255.255.255', 0xffffffffn],
    ['::', 0n],
    ['::1', 1n],
    ['1::', 1n << 112n],
    ['::ffff:10.0.0.1', 0xffff0a000001n],
    ['fe80::1%eth0', (0xfe80n << 112n) + 1n],
    ['1:2:3:4:5:6:7:8', 0x00010002000300040005000600070008n],
  ])('%s', (address, value) => expect(addressToNumber(address)).toBe(value));

  it('is undefined for what is no address', () => {
    expect(['', '1.2.3', 'host', '1.2.3.4/24', ':::'].map(addressToNumber)).toEqual(new Array(5).fill(undefined));
  });
});
