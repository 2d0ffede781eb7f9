import { OverlayError } from '../base/errors';
import { homeDirectory } from '../base/home';
import type { Environment } from '../base/home';
import type { SshSettings } from './sshConfig/settings';
import type { ConnectionPrompts } from './prompts';

/**
 * Prompts that never ask: what was kept from earlier answers is used, and where that is not enough they throw.
 *
 * @param home the home directory; paths below it are shown with `~`.
 * @param reason `interactionNeeded` for links that come back by themselves, when nobody may be looking;
 *   `questionForbidden` where the configuration says BatchMode.
 */
export function nonInteractivePrompts(
  { kept }: ConnectionPrompts,
  home: string,
  reason: 'interactionNeeded' | 'questionForbidden' = 'interactionNeeded',
): ConnectionPrompts {
  const needed = (host: string, name: string): never => {
    throw new OverlayError(reason, { host, name });
  };
  return {
    trustHostKey: async ({ host, fingerprint }) => needed(host, `the host key ${fingerprint}, not known yet`),
    passphrase: async ({ host, keyPath, previousWrong }) => {
      const answer = previousWrong ? undefined : await kept?.passphrase(keyPath);
      return answer ?? needed(host, `the passphrase of ${tilde(keyPath, home)}`);
    },
    password: async ({ host, hop, user, account, prompt, previousWrong, reusable }) => {
      const at = hop === undefined ? '' : ` at the jump host ${hop}`;
      const answer = previousWrong || !reusable ? undefined : await kept?.password(account);
      return answer ?? needed(host, reusable ? `the password of ${user}${at}` : `the answer to "${prompt}"${at}`);
    },
    consentInsecure: async (link) => {
      if (kept?.consentInsecure(link)) return true;
      return needed(link.host, `consent to a link that is not protected (${link.why})`);
    },
    kept,
  };
}

/** The prompts for one server on the way: under its BatchMode they never ask. */
export function hopPrompts(
  prompts: ConnectionPrompts,
  { batchMode }: SshSettings,
  env: Environment,
): ConnectionPrompts {
  return batchMode ? nonInteractivePrompts(prompts, homeDirectory(env), 'questionForbidden') : prompts;
}

function tilde(path: string, home: string): string {
  const isInside = home !== '' && (path.startsWith(`${home}/`) || path.startsWith(`${home}\\`));
  return isInside ? `~${path.slice(home.length)}` : path;
}
