import type { EngineInfo, Image } from '../model/engine/records';

/** What a host's programs must be made for. */
export type Platform = Pick<EngineInfo, 'osType' | 'architecture'>;

/** Machines as kernels call them, in the words of images (containerd/platforms: normalizeArch). */
const machines: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
  i386: '386',
  i686: '386',
};

/** What runs on a machine beside what is made for it; engines of 32 bits are at home on kernels of 64. */
const runs: Readonly<Record<string, readonly string[]>> = {
  amd64: ['amd64', '386'],
  arm64: ['arm64', 'arm'],
  arm: ['arm'],
  '386': ['386'],
  ppc64le: ['ppc64le'],
  s390x: ['s390x'],
  riscv64: ['riscv64'],
};

/** Whether an image is for other machines than this one for certain; what is not known counts as right. */
export function isForeign(image: Image, { osType, architecture }: Platform): boolean {
  if (image.os && image.os !== osType) return true;
  const own = runs[machines[architecture] ?? architecture];
  return own !== undefined && image.architecture in runs && !own.includes(image.architecture);
}

/** In the words of images: "linux/arm64". */
export const platformWords = ({ osType, architecture }: Platform): string =>
  `${osType}/${machines[architecture] ?? architecture}`;
