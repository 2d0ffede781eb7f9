import { beforeEach, describe, expect, it, vi } from 'vitest';
import { showLoginNotice, inputPrompt } from '../../../src/ui/hosts/prompts/loginMessages';

interface Shown {
  readonly modals: unknown[];
  readonly infos: unknown[][];
  /** The button that is pressed in a modal. */
  answer?: string;
}
const shown = vi.hoisted((): Shown => ({ modals: [], infos: [] }));

vi.mock('vscode', () => ({
  window: {
    showWarningMessage: async (_title: string, options: { detail: string }) => {
      shown.modals.push(options.detail);
      return shown.answer;
    },
    showInformationMessage: async (...args: unknown[]) => void shown.infos.push(args),
  },
}));

beforeEach(() => {
  shown.modals.length = 0;
  shown.infos.length = 0;
  shown.answer = 'Answer';
});

describe('words of a server', () => {
  it('stand with the question when they fit', async () => {
    expect(await inputPrompt('Log in', 'Welcome.\nRADIUS', 'Code:')).toBe('Welcome. RADIUS Code:');
    expect(shown.modals).toEqual([]);
  });

  it('are shown before the question when they are long, or a menu', async () => {
    const menu = 'Duo\n 1. Push\n 2. Call\nOption (1-2):';
    expect(await inputPrompt('Log in', undefined, menu)).toBe('Option (1-2):');
    expect(await inputPrompt('Log in', 'x'.repeat(300), 'Password')).toBe('Password');
    expect(shown.modals).toEqual([menu, `${'x'.repeat(300)}\n\nPassword`]);
  });

  it('need not be answered', async () => {
    delete shown.answer;
    expect(await inputPrompt('Log in', undefined, 'a\nb')).toBeUndefined();
  });

  it('offer the link that is in them', () => {
    showLoginNotice({ host: 'node1', hop: 'bastion', from: 'server', text: 'visit https://login.example/a?b=1 now' });
    showLoginNotice({ host: 'node1', from: 'ssh', text: 'Confirm user presence' });
    showLoginNotice({ host: 'node1', from: 'proxyCommand', text: 'log in' });
    expect(shown.infos).toEqual([
      ['bastion, the jump host of node1, says: visit https://login.example/a?b=1 now', 'Open Link', 'Copy Text'],
      ['ssh, logging in to node1, says: Confirm user presence', 'Copy Text'],
      ['The ProxyCommand of node1 says: log in', 'Copy Text'],
    ]);
  });
});
