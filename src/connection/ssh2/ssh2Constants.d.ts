/** Which algorithms ssh2 can do with the crypto of this runtime. Not in its types. */
declare module 'ssh2/lib/protocol/constants.js' {
  import type { CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';

  export const SUPPORTED_KEX: readonly KexAlgorithm[];
  export const SUPPORTED_CIPHER: readonly CipherAlgorithm[];
  export const SUPPORTED_MAC: readonly MacAlgorithm[];
  export const SUPPORTED_SERVER_HOST_KEY: readonly ServerHostKeyAlgorithm[];
}
