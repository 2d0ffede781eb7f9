/**
 * What opening a private key costs seconds for, off the event loop that all extensions share: a worker thread of its own
 * for each key. JavaScript, because Node runs it as it is: from here in tests, from beside the bundle in the extension.
 *
 * Takes one `Work` of decryptKey.ts as `workerData` and posts one answer.
 */
const { createPrivateKey } = require('node:crypto');
const { parentPort, workerData } = require('node:worker_threads');
const bcrypt = require('bcrypt-pbkdf');

parentPort?.postMessage(workerData.kind === 'bcrypt' ? deriveKey(workerData) : decryptPem(workerData));

/** @returns the derived bytes; undefined where bcrypt takes no such salt or number of rounds. */
function deriveKey({ passphrase, salt, rounds, bytes }) {
  const derived = new Uint8Array(bytes);
  const failed = bcrypt.pbkdf(passphrase, passphrase.length, salt, salt.length, derived, bytes, rounds);
  return failed ? undefined : derived;
}

/** @returns the key as unencrypted PKCS8 (DER), or why there is none. */
function decryptPem({ pem, passphrase }) {
  const { der } = tryPem(pem, passphrase);
  if (der !== undefined) return der;
  // A wrong passphrase mostly shows as a bad padding, and now and then (1 of 256) as nonsense that also looks like an
  // unknown cipher. Whether the cipher is unknown shows with other passphrases.
  const isWrong = [passphrase, 'a', 'b', 'c'].some((other) => /BAD.?DECRYPT/i.test(tryPem(pem, other).problem ?? ''));
  return isWrong ? 'wrong' : 'cannot';
}

function tryPem(pem, passphrase) {
  try {
    return { der: createPrivateKey({ key: pem, passphrase }).export({ type: 'pkcs8', format: 'der' }) };
  } catch (error) {
    return { problem: `${error.code} ${error.message}` };
  }
}
