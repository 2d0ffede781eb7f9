import { OverlayError, type BareReason, type Reason } from '../../src/base/errors';
import type { ReasonParams } from '../../src/base/reasons';

/** An error where a test is about its reason alone: the words may lack what they need. */
export const anyError = (reason: Reason, params: ReasonParams = {}): OverlayError =>
  new OverlayError(reason as BareReason, { items: [], ...params });
