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
import { dirname, join } from 'node:path';
import { engineRequest, engineUpload } from './engineApi';
import { runOk } from './process';
import { cacheDir } from './state';

/** The name under which every host of a lab has the test image. */
export const testImage = 'alpine:latest';

const busybox = '/bin/busybox';

/** The name of the image that helpers on a host's network use; only hosts that a test gives it have it. */
export const helperImage = 'overlay-helper:lab';

/** What helpers need beyond busybox; Debian's, with the libraries they load. */
const helperPrograms = ['/usr/bin/tcpdump', '/bin/ip'];

/** Part of the cache's name: to be raised whenever `build` below makes something else. */
const recipe = 1;

/** What is in an image. */
interface Content {
  readonly name: string;
  /** Files to copy to the same place, besides busybox. */
  readonly files: readonly string[];
}

/**
 * The archive of the test image as `docker save` would write it, made of Debian's busybox where it is not in the cache
 * yet or is damaged there. An archive and not `docker import`, so that the image has one id on all hosts (as a pulled one) and
 * starts a shell by default (as the real alpine).
 */
export function testImageArchive(): Promise<string> {
  return archiveOf('test-image', { name: testImage, files: [] });
}

/** The same for the image of helpers: busybox with tcpdump and ip. */
export async function helperImageArchive(): Promise<string> {
  return archiveOf('helper-image', { name: helperImage, files: await withLibraries(helperPrograms) });
}

async function archiveOf(kind: string, content: Content): Promise<string> {
  const version = sha256([busybox, ...content.files].map((file) => sha256(readFileSync(file))).join()).slice(0, 12);
  const file = join(cacheDir(), `${kind}-${recipe}-${version}.tar`);
  if (existsSync(file) && existsSync(`${file}.sha256`)) {
    if (sha256(readFileSync(file)) === readFileSync(`${file}.sha256`, 'utf8').trim()) return file;
  }
  const work = `${file}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    await build(work, content);
    const made = join(work, 'image.tar');
    writeFileSync(`${file}.sha256`, sha256(readFileSync(made)));
    renameSync(made, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return file;
}

/** Programs and every file that the dynamic linker loads for them. */
async function withLibraries(programs: readonly string[]): Promise<string[]> {
  const said = await runOk(['ldd', ...programs]);
  const libraries = [...said.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)].map((match) => match[1] ?? '');
  return [...new Set([...programs, ...libraries])].sort();
}

/** Gives an engine the test image, unless it has it already. */
export function loadTestImage(socketPath: string, archive: string): Promise<void> {
  return loadImage(socketPath, testImage, archive);
}

/** Gives an engine the image of helpers, for a test that needs it there; see {@link removeHelperImage}. */
export function loadHelperImage(socketPath: string, archive: string): Promise<void> {
  return loadImage(socketPath, helperImage, archive);
}

/** Takes it back, so that other tests find the engine as it was. */
export async function removeHelperImage(socketPath: string): Promise<void> {
  await engineRequest(socketPath, 'DELETE', `/images/${helperImage}?force=1`);
}

async function loadImage(socketPath: string, name: string, archive: string): Promise<void> {
  const found = await engineRequest(socketPath, 'GET', `/images/${name}/json`);
  if (found.status === 200) return;
  const body = createReadStream(archive);
  const loaded = await engineUpload(socketPath, '/images/load?quiet=1', body, statSync(archive).size);
  if (loaded.status !== 200 || loaded.text.includes('"error"')) {
    throw new Error(`The engine did not load ${name}: ${loaded.status} ${loaded.text.trim()}`);
  }
}

async function build(work: string, { name, files }: Content): Promise<void> {
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
  for (const file of files) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    // The applet of the same name is a link, which would be written through.
    rmSync(join(root, file), { force: true });
    copyFileSync(file, join(root, file));
    chmodSync(join(root, file), 0o755);
  }
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
    JSON.stringify([{ Config: configName, RepoTags: [name], Layers: ['layer.tar'] }]),
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
