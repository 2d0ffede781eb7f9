import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineRequest, engineUpload } from './engineApi';
import { runOk } from './process';
import { cacheDir } from './state';

/** The name under which every host of a lab has the test image. */
export const testImage = 'alpine:latest';

const busybox = '/bin/busybox';

/** Part of the cache's name: to be raised whenever `build` below makes something else. */
const recipe = 1;

/**
 * The archive of the test image as `docker save` would write it, made of Debian's busybox where it is not in the cache
 * yet or is damaged there. An archive and not `docker import`, so that the image has one id on all hosts (as a pulled one) and
 * starts a shell by default (as the real alpine).
 */
export async function testImageArchive(): Promise<string> {
  const version = sha256(readFileSync(busybox)).slice(0, 12);
  const file = join(cacheDir(), `test-image-${recipe}-${version}.tar`);
  if (existsSync(file) && existsSync(`${file}.sha256`)) {
    if (sha256(readFileSync(file)) === readFileSync(`${file}.sha256`, 'utf8').trim()) return file;
  }
  const work = `${file}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    await build(work);
    const made = join(work, 'image.tar');
    writeFileSync(`${file}.sha256`, sha256(readFileSync(made)));
    renameSync(made, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return file;
}

/** Gives an engine the test image, unless it has it already. */
export async function loadTestImage(socketPath: string, archive: string): Promise<void> {
  const found = await engineRequest(socketPath, 'GET', `/images/${testImage}/json`);
  if (found.status === 200) return;
  const body = createReadStream(archive);
  const loaded = await engineUpload(socketPath, '/images/load?quiet=1', body, statSync(archive).size);
  if (loaded.status !== 200 || loaded.text.includes('"error"')) {
    throw new Error(`The engine did not load the test image: ${loaded.status} ${loaded.text.trim()}`);
  }
}

async function build(work: string): Promise<void> {
  const root = join(work, 'root');
  for (const folder of [
    'bin',
    'dev',
    'etc',
    'proc',
    'root',
    'sys',
    'tmp',
    'usr/bin',
    'usr/sbin',
    'sbin',
    'var',
    'run',
    'home',
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  chmodSync(join(root, 'tmp'), 0o1777);
  copyFileSync(busybox, join(root, 'bin/busybox'));
  chmodSync(join(root, 'bin/busybox'), 0o755);
  const applets = (await runOk([busybox, '--list'])).split('\n').filter((name) => name && name !== 'busybox');
  for (const applet of applets) symlinkSync('/bin/busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnobody:x:65534:\n');
  writeFileSync(
    join(root, 'etc/os-release'),
    'ID=lab\nNAME="Lab test image"\nPRETTY_NAME="Busybox as a stand-in for Alpine"\n',
  );
  const layer = join(work, 'layer.tar');
  await tar(layer, root, ['.']);
  const created = '2024-01-01T00:00:00Z';
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    created,
    config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], Cmd: ['/bin/sh'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(readFileSync(layer))}`] },
    history: [{ created, created_by: 'test/lab/image.ts' }],
  });
  const configName = `${sha256(config)}.json`;
  writeFileSync(join(work, configName), config);
  writeFileSync(
    join(work, 'manifest.json'),
    JSON.stringify([{ Config: configName, RepoTags: [testImage], Layers: ['layer.tar'] }]),
  );
  await tar(join(work, 'image.tar'), work, ['manifest.json', configName, 'layer.tar']);
}

/** Packs so that the same files always give the same bytes. */
async function tar(file: string, from: string, names: readonly string[]): Promise<void> {
  const same = ['--sort=name', '--mtime=@1704067200', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  await runOk(['tar', ...same, '-C', from, '-cf', file, ...names]);
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
