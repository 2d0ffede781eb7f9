import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { silentLogger } from '../../../src/base/logger';
import type { Image } from '../../../src/model/engine/records';
import { Holders } from '../../../src/probe/imageHolders';
import { ImageSupply } from '../../../src/probe/imageSupply';
import { isForeign, type Platform } from '../../../src/probe/platform';
import type { ConnectedHost } from '../../../src/probe/connectedHost';

const x86: Platform = { osType: 'linux', architecture: 'x86_64' };
const arm: Platform = { osType: 'linux', architecture: 'aarch64' };
const windows: Platform = { osType: 'windows', architecture: 'x86_64' };

const imageOf = (architecture: string, os = 'linux'): Image => ({ id: `sha256:${architecture}`, os, architecture });

/** Hosts with an image or without; what is done to each is noted. No registry is in reach unless it is told what it has. */
function hostsOf(
  given: Readonly<Record<string, { platform?: Platform; image?: Image; asked?: Promise<void>; pulledByOther?: Image }>>,
  registry?: Image,
) {
  const images = new Map(Object.entries(given).flatMap(([host, { image }]) => (image ? [[host, image] as const] : [])));
  const done: string[] = [];
  const hosts = Object.entries(given).map(([host, { platform, asked, pulledByOther }]): ConnectedHost => {
    const api = {
      find: async () => {
        await asked;
        return images.get(host);
      },
      pull: async () => {
        done.push(`${host} pulls`);
        if (pulledByOther) images.set(host, pulledByOther);
        if (!registry) throw new OverlayError('imageMissing', { message: 'no route to the registry' });
        images.set(host, registry);
      },
      save: async () => Readable.from([images.get(host)?.architecture]),
      load: async (tar: Readable) => {
        for await (const architecture of tar) images.set(host, imageOf(String(architecture)));
        done.push(`${host} loads ${images.get(host)?.architecture}`);
      },
    };
    return { host, engine: { images: api } as never, ...(platform && { platform }) };
  });
  const supply = new ImageSupply(hosts, {
    image: 'alpine:latest',
    signal: new AbortController().signal,
    logger: silentLogger,
    onWords: () => undefined,
  });
  const ensure = async () => {
    const results = await Promise.allSettled(hosts.map((host) => supply.ensure(host)));
    return results.map((one) => (one.status === 'fulfilled' ? 'there' : (one.reason as OverlayError)));
  };
  return { images, done, ensure };
}

describe('the image of test containers', () => {
  it('is copied between hosts of the same platform only', async () => {
    const { ensure, done, images } = hostsOf({
      x1: { platform: x86, image: imageOf('amd64') },
      x2: { platform: x86 },
      a1: { platform: arm },
      unknown: {},
    });
    expect(await ensure()).toMatchObject([
      'there',
      'there',
      { reason: 'imageMissing', params: { host: 'a1', message: 'no route to the registry' } },
      { reason: 'imageMissing' },
    ]);
    expect(done.filter((one) => one.includes('loads'))).toEqual(['x2 loads amd64']);
    expect([...images.keys()]).toEqual(['x1', 'x2']);
  });

  it('is not copied between versions of ARM either', async () => {
    const { ensure, done } = hostsOf({
      seven: { platform: { osType: 'linux', architecture: 'armv7l' }, image: imageOf('arm') },
      six: { platform: { osType: 'linux', architecture: 'armv6l' } },
    });
    expect(await ensure()).toMatchObject(['there', { reason: 'imageMissing', params: { host: 'six' } }]);
    expect(done).toEqual(['six pulls']);
  });

  it('of another platform is a person’s: refused by name, and neither replaced nor copied on', async () => {
    const { ensure, done, images } = hostsOf({
      x1: { platform: x86, image: imageOf('amd64') },
      a1: { platform: arm, image: imageOf('amd64') },
      a2: { platform: arm },
    });
    const message = 'it is for linux/amd64, and the host is linux/arm64';
    expect(await ensure()).toMatchObject([
      'there',
      { reason: 'imageOfAnotherPlatform', params: { host: 'a1', name: 'alpine:latest', message } },
      { reason: 'imageMissing' },
    ]);
    expect(done).toEqual(['a2 pulls']);
    expect(images.get('a1')).toEqual(imageOf('amd64'));
  });

  it('that somebody else has got meanwhile is not loaded over', async () => {
    const newer = { ...imageOf('amd64'), id: 'sha256:newer' };
    const { ensure, done, images } = hostsOf({
      x1: { platform: x86, image: imageOf('amd64') },
      x2: { platform: x86, pulledByOther: newer },
    });
    expect(await ensure()).toEqual(['there', 'there']);
    expect(done).toEqual(['x2 pulls']);
    expect(images.get('x2')).toBe(newer);
  });

  it('that a registry has for other machines only is named, too', async () => {
    const { ensure } = hostsOf({ a1: { platform: arm } }, imageOf('amd64'));
    expect(await ensure()).toMatchObject([{ reason: 'imageOfAnotherPlatform', params: { host: 'a1' } }]);
  });

  it('is not for Windows: such a host is left out, and nothing is asked of it', async () => {
    const { ensure, done } = hostsOf({
      x1: { platform: x86, image: imageOf('amd64') },
      w1: { platform: windows, image: imageOf('amd64', 'windows') },
    });
    expect(await ensure()).toMatchObject(['there', { reason: 'windowsLeftOut', params: { host: 'w1' } }]);
    expect(done).toEqual([]);
  });

  it('comes from whichever host has it first, and a host that could not be asked has nothing to give', async () => {
    const never = new Promise<void>(() => undefined);
    const { done, ensure } = hostsOf({
      frozen: { platform: x86, asked: never },
      lacking: { platform: x86 },
      having: { platform: x86, image: imageOf('amd64') },
    });
    void ensure();
    await expect.poll(() => done).toEqual(['lacking pulls', 'lacking loads amd64']);
  });
});

describe('isForeign', () => {
  it.each<[string, Image, Platform, boolean]>([
    ['its own', imageOf('amd64'), x86, false],
    ['32 bits on a machine of 64', imageOf('386'), x86, false],
    ['32 bits on an ARM of 64', imageOf('arm'), arm, false],
    ['64 bits on a machine of 32', imageOf('amd64'), { osType: 'linux', architecture: 'i686' }, true],
    ['another', imageOf('arm64'), x86, true],
    ['another system', imageOf('amd64', 'windows'), x86, true],
    ['nobody knows', imageOf('', ''), x86, false],
    ['a machine that is not known', imageOf('amd64'), { osType: 'linux', architecture: 'mips64' }, false],
    ['an image of one', imageOf('mips64le'), x86, false],
  ])('%s', (_, image, platform, isSo) => {
    expect(isForeign(image, platform)).toBe(isSo);
  });
});

describe('Holders', () => {
  it('tell everybody all, in the order in which it became known, at a cost that does not grow with the square', async () => {
    const holders = new Holders();
    const count = 2_000;
    const settle: (() => void)[] = [];
    for (let index = 0; index < count; index += 1) {
      const has = new Promise<boolean>((resolve) => settle.push(() => resolve(index === count - 1)));
      holders.add({ host: `h${index}` } as ConnectedHost, has);
    }
    const asked = Array.from({ length: count }, async () => {
      const found: string[] = [];
      for await (const { host } of holders.inOrder()) found.push(host);
      return found;
    });
    const before = process.cpuUsage();
    settle.forEach((one) => one());
    expect(new Set((await Promise.all(asked)).flat())).toEqual(new Set([`h${count - 1}`]));
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});
