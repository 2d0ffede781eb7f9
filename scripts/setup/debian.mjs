// Packages of other Debian releases than the system's, fetched and verified by apt into a folder. Nothing is installed,
// and the system's apt configuration, lists and cache stay as they are.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const mirror = 'http://deb.debian.org/debian';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Fetches packages; apt verifies them through the release's signed index.
 *
 * @param {string} work an empty folder or one that does not exist yet; apt's files go there
 * @param {string} suite the release, such as `sid`
 * @param {readonly string[]} packages their names
 * @param {string} what for messages: what they are to a person, such as "Newer engines"
 * @returns {Promise<string[]>} the files of the packages
 * @throws with words for a person when they cannot be had
 */
export async function fetchDebianPackages(work, suite, packages, what) {
  if (!fs.existsSync('/usr/bin/apt-get')) throw new Error(`${what} are Debian packages, and this system has no apt.`);
  if (!fs.existsSync(keyring))
    throw new Error(`${what} are verified with ${keyring} (package debian-archive-keyring), which is not here.`);
  for (const folder of ['lists/partial', 'cache/archives/partial', 'archives'])
    fs.mkdirSync(path.join(work, folder), { recursive: true });
  // sid's Release file expires within days on a mirror that is a snapshot.
  const source = `deb [signed-by=${keyring} check-valid-until=no] ${mirror} ${suite} main\n`;
  fs.writeFileSync(path.join(work, 'sources.list'), source);
  fs.writeFileSync(path.join(work, 'status'), '');
  const options = {
    'Dir::Etc::sourcelist': path.join(work, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferences': '-',
    'Dir::Etc::preferencesparts': '-',
    'Dir::State::lists': path.join(work, 'lists'),
    'Dir::State::status': path.join(work, 'status'),
    'Dir::Cache': path.join(work, 'cache'),
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    // Otherwise an index that could not be fetched is a warning, and the packages seem to be missing.
    'APT::Update::Error-Mode': 'any',
    // The work folder is ours alone: apt's own user could not write there.
    'APT::Sandbox::User': 'root',
  };
  const words = Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const archives = path.join(work, 'archives');
  const call = { cwd: archives, timeout: 600_000, maxBuffer: 16 << 20 };
  try {
    await run('apt-get', [...words, '-q', 'update'], call);
    await run('apt-get', [...words, '-q', 'download', ...packages], call);
  } catch (error) {
    const said = String(error.stderr || error.message).trim();
    const tail = said.split('\n').slice(-3).join(' ');
    throw new Error(`${packages.join(', ')} of Debian ${suite} could not be fetched: ${tail}`, { cause: error });
  }
  return fs.readdirSync(archives).map((file) => path.join(archives, file));
}
