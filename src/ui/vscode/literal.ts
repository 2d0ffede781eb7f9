/**
 * A text as VS Code shows it letter by letter where it otherwise makes links and icons of parts of it: notifications,
 * progress, and the prompts, validations and lines of inputs. "[label](command:...)" there is a link that runs any
 * command at a click (vscode, linkedText; it wants "](" side by side), and "$(name)" an icon. Part of nearly every
 * text comes from daemons and servers.
 */
export function literal(text: string): string {
  return text.replaceAll('](', '] (').replace(/\$(?=\([a-z0-9-]+(?:~[a-z]+)?\))/gi, '$ ');
}
