import { kindOf } from '../state/cells';
import { detailOf, problemOf } from './detailWords';
import { Icon } from '../icons';
import type { PageState } from '../state/reducer';
import { Sparkline } from './sparkline';
import type { Pair } from '../state/useArrangement';
import { kindName } from '../words';

interface DetailProps {
  readonly state: PageState;
  readonly pair: Pair | undefined;
  readonly isPinned: boolean;
  readonly history: PageState['history'];
}

/** The separate results of the pair that is pointed at, focused or pinned. Always as tall, so that nothing jumps. */
export function Detail({ state, pair, isPinned, history }: DetailProps) {
  const [source, target] = [state.hosts[pair?.from ?? -1], state.hosts[pair?.to ?? -1]];
  const withHistory = (state.extras?.runs ?? 0) > 1 ? ' has-history' : '';
  if (!pair || !source || !target || source === target) {
    return (
      <section class={`detail is-blank${withHistory}`} aria-label="Pair">
        <p>Point at a cell, or move to it with the arrow keys, for its separate results. Enter pins them.</p>
      </section>
    );
  }
  const kind = kindOf(state, pair.from, pair.to);
  const problem = problemOf(state, pair.from, pair.to);
  return (
    <section class={`detail${withHistory}`} aria-label="Pair">
      <h2>
        <span class="ends">
          <span class="end">{source.host}</span>
          <span class="arrow" aria-label="to">
            →
          </span>
          <span class="end">{target.host}</span>
        </span>
        <span class={`verdict ${kind}`}>{kindName(kind)}</span>
        {isPinned && (
          <span class="pinned">
            <Icon name="pin" /> Pinned · Esc unpins
          </span>
        )}
      </h2>
      <dl>
        {detailOf(state, pair.from, pair.to).map((field) => (
          <div key={field.label} class={field.tone}>
            <dt>{field.label}</dt>
            <dd>{field.value}</dd>
          </div>
        ))}
      </dl>
      {history && <Sparkline runs={history.runs} />}
      <p class="problem">{problem}</p>
    </section>
  );
}
