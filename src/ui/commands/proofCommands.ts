import { OverlayError } from '../../base/errors';
import type { CommandTable } from './register';

type ProofCommands = Pick<CommandTable, 'dockerOverlay.verify.proveEncryption' | 'dockerOverlay.verify.twin'>;

export function proofCommands(): ProofCommands {
  const pending = () => {
    throw new OverlayError('unexpected');
  };
  return { 'dockerOverlay.verify.proveEncryption': pending, 'dockerOverlay.verify.twin': pending };
}
