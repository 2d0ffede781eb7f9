import { OverlayError } from '../../base/errors';
import type { CommandTable } from './register';

type TestContainerCommands = Pick<
  CommandTable,
  | 'dockerOverlay.testContainers.start'
  | 'dockerOverlay.testContainers.openShell'
  | 'dockerOverlay.testContainers.remove'
>;

export function testContainerCommands(): TestContainerCommands {
  const pending = () => {
    throw new OverlayError('unexpected');
  };
  return {
    'dockerOverlay.testContainers.start': pending,
    'dockerOverlay.testContainers.openShell': pending,
    'dockerOverlay.testContainers.remove': pending,
  };
}
