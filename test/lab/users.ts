import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostKeyTypes } from './keys';
import { makeOwnedFolder } from './machine';

/** Users of every host. `deploy` may use Docker; `guest` may not, which is what it is for. */
export const hostUsers = { deploy: 2001, guest: 2002 } as const;

/** The password of `deploy`. `guest` and `root` have none and log in by key. */
export const deployPassword = 'deploy-pass';

/** `openssl passwd -6 -salt overlaylab deploy-pass` */
const deployHash =
  '$6$overlaylab$yNvZjh1VRhy2kPeyX5UHAoClPSi21gFQwpIeGuzdbW/2TwBMIQz8Cb7NPnbn3e/RgPdXHfproNeR63wGWUHEI0';

const dockerGroup = 2000;

type EtcFiles = Record<string, { text: string; mode?: number }>;

/** The files of /etc that make a machine of the lab know its own name and all the others. */
export function commonEtc(name: string, addresses: ReadonlyMap<string, string>, nameServer: string): EtcFiles {
  const hosts = [...addresses].map(([machine, address]) => `${address}\t${machine}`);
  return {
    hosts: { text: `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n${hosts.join('\n')}\n` },
    hostname: { text: `${name}\n` },
    'resolv.conf': {
      text: `nameserver ${nameServer}
`,
    },
  };
}

/** A host's own users, whatever users the outer system has, and its SSH host keys at the usual place. */
export function hostEtc(keyDir: string): EtcFiles {
  const people = Object.entries(hostUsers);
  const files: EtcFiles = {
    passwd: {
      text: [
        'root:x:0:0:root:/root:/bin/bash',
        'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
        'sshd:x:105:65534::/run/sshd:/usr/sbin/nologin',
        'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
        ...people.map(([name, id]) => `${name}:x:${id}:${id}::/home/${name}:/bin/bash`),
        '',
      ].join('\n'),
    },
    group: {
      text: [
        'root:x:0:',
        'daemon:x:1:',
        'tty:x:5:',
        'shadow:x:42:',
        'utmp:x:43:',
        'nogroup:x:65534:',
        `docker:x:${dockerGroup}:deploy`,
        ...people.map(([name, id]) => `${name}:x:${id}:`),
        '',
      ].join('\n'),
    },
    shadow: {
      // "*" is no password; "!" would lock the account, and sshd then refuses its keys too.
      text: ['root', 'daemon', 'sshd', 'nobody', 'guest']
        .map((name) => `${name}:*:19000:0:99999:7:::\n`)
        .concat(`deploy:${deployHash}:19000:0:99999:7:::\n`)
        .join(''),
      mode: 0o600,
    },
    gshadow: { text: '', mode: 0o600 },
    // The person's may ask a directory server.
    'nsswitch.conf': { text: 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n' },
  };
  for (const type of hostKeyTypes) {
    const file = `ssh_host_${type}_key`;
    files[`ssh/${file}`] = { text: readFileSync(join(keyDir, file), 'utf8'), mode: 0o600 };
    files[`ssh/${file}.pub`] = { text: readFileSync(join(keyDir, `${file}.pub`), 'utf8') };
  }
  return files;
}

/** Fills the homes of a host: everyone lets the lab's key in. `dir` is the host's folder. */
export function makeHomes(dir: string, publicKey: string): void {
  authorize(join(dir, 'root'), 0, publicKey);
  for (const [name, id] of Object.entries(hostUsers)) {
    const home = join(dir, 'home', name);
    makeOwnedFolder(home, id, 0o755);
    authorize(home, id, publicKey);
  }
}

function authorize(home: string, owner: number, publicKey: string): void {
  makeOwnedFolder(join(home, '.ssh'), owner, 0o700);
  const file = join(home, '.ssh/authorized_keys');
  writeFileSync(file, publicKey);
  chownSync(file, owner, owner);
  chmodSync(file, 0o600);
}
