import { describe, expect, it } from 'vitest';
import { jumpError } from '../../../src/connection/ssh2/jumps';
import { settings } from './sshSettings';

describe('what a jump host could not connect to', () => {
  it.each([
    ['Connection refused', 2, 'connectionRefused', 'seen from the jump host bastion'],
    ['Name or service not known', 2, 'addressNotFound', 'seen from the jump host bastion'],
    ['No route to host', 2, 'addressUnreachable', 'seen from the jump host bastion'],
    ['open failed', 1, 'sshProtocol', 'the jump host bastion forbids forwarding'],
  ])('%s (%i): %s', (said, code, reason, message) => {
    const refused = Object.assign(new Error(`(SSH) Channel open failure: ${said}`), { reason: code });
    const error = jumpError(refused, { settings: { ...settings, alias: 'bastion' } }, 'node', settings);
    expect(error).toMatchObject({ reason, params: { host: 'node', address: '10.0.0.5:22', message } });
    expect(error.message).toContain('bastion');
  });
});
