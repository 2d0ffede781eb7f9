import { OverlayError } from '../../base/errors';

/** In the environment of what runs in a terminal and of all that it starts. */
const markName = 'DOCKER_OVERLAY_TERMINAL';

/** A variable of the environment. @param mark 24 hex digits */
export const markVariable = (mark: string): string => `${markName}=${mark}`;

/**
 * A shell command (POSIX, busybox) that ends what carries a mark, as closing a real terminal does. Found by its
 * environment, because the ids of its processes are known to the engine only as the host has them.
 *
 * @throws invalidArguments for what is no mark.
 */
export function hangUpScript(mark: string): string {
  if (!/^[0-9a-f]{24}$/.test(mark)) throw new OverlayError('invalidArguments', { message: 'that is no mark' });
  return [
    'for p in /proc/[0-9]*; do',
    `if grep -q ${markVariable(mark)} "$p/environ" 2>/dev/null; then kill -HUP "\${p#/proc/}"; kill -CONT "\${p#/proc/}"; fi;`,
    'done 2>/dev/null; true',
  ].join(' ');
}
