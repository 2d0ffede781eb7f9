/**
 * Prints what the kernel says of ESP, behind a mark. Its configuration is readable in a container where the kernel carries it; else
 * nothing follows.
 */
export const espQuestion = (mark: string): string =>
  `echo ${mark} $(zcat /proc/config.gz 2>/dev/null | grep -E '^(# )?CONFIG_INET_ESP[ =]') $(grep -o '^esp4 ' /proc/modules 2>/dev/null)`;

/** `CONFIG_INET_ESP=y`, a loaded `esp4` (with `=m` only that is sure), or `# CONFIG_INET_ESP is not set`; else undefined. */
export function parseEsp(answer: string): boolean | undefined {
  if (/CONFIG_INET_ESP=y|\besp4\b/.test(answer)) return true;
  return answer.includes('CONFIG_INET_ESP is not set') ? false : undefined;
}
