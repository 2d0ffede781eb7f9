import { useEffect, useState } from 'preact/hooks';
import type { MatrixSummary } from '../../../model/report/matrix';
import type { PanelWatch } from '../../protocol';
import { Icon, type IconName } from '../icons';
import type { PageState } from '../state/reducer';
import { progressOf, watchWords, type Status } from '../words';

const toneIcons: Readonly<Record<Status['tone'], IconName>> = {
  idle: 'info',
  busy: 'spinner',
  good: 'passed',
  bad: 'error',
  warning: 'warning',
};

/** How often the counter of a running verification moves, ms. */
const tickMs = 100;

/** One line: where the verification stands, or how it ended. */
export function StatusLine({ state, status, summary }: { state: PageState; status: Status; summary: MatrixSummary }) {
  const isBusy = status.tone === 'busy';
  return (
    <div class={`status ${status.tone}`}>
      <Icon name={toneIcons[status.tone]} />
      <span class="words">{status.words}</span>
      {status.more.map((words) => (
        <span key={words} class="more">
          {words}
        </span>
      ))}
      {isBusy && state.startedAt !== undefined && <Counter since={state.startedAt} />}
      {isBusy && <progress class="progress" max={1} value={progressOf(summary)} aria-label="Pairs measured" />}
      {state.extras?.watch && <Watching watch={state.extras.watch} />}
    </div>
  );
}

/** That the network is watched, and when it is verified next; draws only itself. */
function Watching({ watch }: { watch: PanelWatch }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [watch]);
  return (
    <span class="watching">
      <Icon name="eye" />
      {watchWords(watch, now)}
      {watch.problem !== undefined && (
        <span class="watch-problem">
          <Icon name="warning" /> {watch.problem}
        </span>
      )}
    </span>
  );
}

/** Seconds since the start; draws only itself. */
function Counter({ since }: { since: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="more" aria-hidden="true">
      {`${(Math.max(0, now - since) / 1000).toFixed(1)} s`}
    </span>
  );
}
