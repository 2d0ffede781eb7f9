// Debian packages that this project's tests need: which are missing, and how they get installed.
// Plain JavaScript without dependencies, because it runs before `npm ci` has brought any.

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What `npm run lab` needs: engines, SSH servers, and the tools that make and watch the network. */
export const labPackages = [
  'docker.io',
  'containerd',
  'runc',
  'openssh-server',
  'openssh-client',
  'iptables',
  'iproute2',
  'busybox-static',
  'tcpdump',
  'iputils-ping',
  'tini',
  'procps',
  'util-linux',
];

/** Units that a package of ours brings and that Debian would start at the next boot. */
const unitsOfPackage = {
  'docker.io': ['docker.service', 'docker.socket'],
  containerd: ['containerd.service'],
  'openssh-server': ['ssh.service', 'ssh.socket'],
};

const policyFile = '/usr/sbin/policy-rc.d';
const policyAside = '/usr/sbin/policy-rc.d.before-docker-overlay-setup';
const policyMark = '# put here by docker-overlay-networks setup';

/** @returns {boolean} whether this machine's packages are Debian's (or a relative's with apt). */
export function hasApt() {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-query');
}

/**
 * The packages of the list that are not installed. On a system without dpkg that is all of them.
 * @param {readonly string[]} list
 * @returns {string[]}
 */
export function missingPackages(list) {
  if (!hasApt()) return [...list];
  // dpkg-query exits 1 when one name is unknown to it, and still prints the known ones.
  const asked = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...list], {
    encoding: 'utf8',
  });
  const installed = new Set(
    asked.stdout
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([, status]) => status === 'installed')
      .map(([name]) => name),
  );
  return list.filter((name) => !installed.has(name));
}

/**
 * Installs what is missing of the list, as root or by `sudo -n`; starts no service and enables none.
 * Never asks a question and never throws for a machine that cannot do it: it says what is left out, and why.
 * @param {readonly string[]} list
 * @param {{log?: (line: string) => void}} [options] where lines for a person go (default: stderr)
 * @returns {string[]} what is still missing afterwards; empty when all is there
 */
export function ensurePackages(list, options = {}) {
  const log = options.log ?? ((line) => process.stderr.write(`${line}\n`));
  const missing = missingPackages(list);
  if (missing.length === 0) return [];
  if (!hasApt()) {
    log(`Skipped: this is not a Debian system, so these packages cannot be installed: ${missing.join(' ')}`);
    return missing;
  }
  const prefix = rootPrefix();
  if (prefix === undefined) {
    log(`Skipped: not root, and sudo wants a password. Install by hand: sudo apt-get install ${missing.join(' ')}`);
    return missing;
  }
  log(`Installing Debian packages: ${missing.join(' ')}`);
  // Ctrl-C reaches apt too, which then ends; were it to end us at once, the guard would stay behind.
  const ignoreInterrupt = () => undefined;
  process.on('SIGINT', ignoreInterrupt);
  const unguard = guard(prefix);
  try {
    // The lists may be fresh already (then the update, some seconds of network, is not needed) or absent.
    if (!aptInstall(prefix, missing, log, true)) {
      log('apt-get install failed; once more after apt-get update');
      run(prefix, ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=300', 'update'], log);
      aptInstall(prefix, missing, log, false);
    }
  } finally {
    unguard();
    process.off('SIGINT', ignoreInterrupt);
  }
  const left = missingPackages(missing);
  const units = missing.filter((name) => !left.includes(name)).flatMap((name) => unitsOfPackage[name] ?? []);
  // The lab starts its own engines and SSH servers; the person's machine is to have none it did not have before.
  if (units.length > 0 && existsSync('/usr/bin/systemctl')) {
    for (const unit of units) run(prefix, ['systemctl', 'disable', unit], undefined);
  }
  if (left.length > 0) log(`Still missing: ${left.join(' ')}`);
  return left;
}

/** @returns {string[] | undefined} the words before a command that make it run as root; undefined: impossible */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '-n'] : undefined;
}

function aptInstall(prefix, names, log, quiet) {
  const words = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y', '--no-install-recommends'];
  // Somebody else may be installing at the same moment: wait for the lock.
  words.push('-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0', 'install', ...names);
  return run(prefix, words, quiet ? undefined : log);
}

/** Runs to the end; with `log`, the tail of its output is told when it fails. */
function run(prefix, words, log) {
  const [command, ...rest] = [...prefix, ...words];
  const done = spawnSync(command, rest, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.status !== 0 && log)
    log(`${done.stdout ?? ''}\n${done.stderr ?? ''}`.trim().split('\n').slice(-15).join('\n'));
  return done.status === 0;
}

/** @returns {boolean} whether the policy in place is our own guard */
function isGuarded() {
  return existsSync(policyFile) && readFileSync(policyFile, 'utf8').includes(policyMark);
}

/** Puts a policy in place under which dpkg starts nothing; the person's own policy waits aside. */
function guardServices() {
  // A run that was killed left its guard behind: the person's policy (if any) is still aside then.
  if (existsSync(policyFile) && !isGuarded()) renameSync(policyFile, policyAside);
  writeFileSync(policyFile, `#!/bin/sh\n${policyMark}; it starts no service while packages are installed\nexit 101\n`);
  chmodSync(policyFile, 0o755);
}

/** Puts back what was there before guardServices. */
function unguardServices() {
  if (isGuarded()) rmSync(policyFile);
  if (existsSync(policyAside)) renameSync(policyAside, policyFile);
}

/** Guards by ourselves as root, or through sudo by running this same file. Returns what undoes it. */
function guard(prefix) {
  if (prefix.length === 0) {
    guardServices();
    return unguardServices;
  }
  const self = fileURLToPath(import.meta.url);
  run(prefix, [process.execPath, self, '--guard'], undefined);
  return () => void run(prefix, [process.execPath, self, '--unguard'], undefined);
}

/** Called as a program: `node packages.mjs [PACKAGE...]`, by default the lab's list. Exit 1: something is missing. */
function main(words) {
  if (words[0] === '--guard') return void guardServices();
  if (words[0] === '--unguard') return void unguardServices();
  const list = words.length > 0 ? words : labPackages;
  process.exitCode = ensurePackages(list).length > 0 ? 1 : 0;
  if (process.exitCode === 0) process.stdout.write(`All ${list.length} packages are installed.\n`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  main(process.argv.slice(2));
