import type { VerificationReport } from '../../../model/report/matrix';
import { send } from '../api';
import { Icon } from '../icons';
import type { PageState } from '../state/reducer';

/** Before there is anything to draw. */
export function EmptyState({ state }: { state: PageState }) {
  if (state.phase !== 'idle') return <div class="empty-state" />;
  return (
    <div class="empty-state">
      <h2>{state.header.networkName} has not been verified yet</h2>
      <p>
        A verification starts one test container on each connected host, lets every one ping every other by address and
        by name, and removes the containers again. It shows which pairs are dead, and why.
      </p>
      <button type="button" class="button" onClick={() => send({ type: 'run' })}>
        <Icon name="run" />
        Verify {state.header.networkName}
      </button>
    </div>
  );
}

/** Why a verification failed as a whole. */
export function Failure({ error }: { error: NonNullable<VerificationReport['error']> }) {
  return (
    <section class="failure" aria-label="What happened">
      <Icon name="error" />
      <div>
        <h2>{error.title}</h2>
        <p>{error.happened}</p>
        <p class="remedy">{error.remedy}</p>
      </div>
    </section>
  );
}
