import { kindOf } from './cells';
import type { Place } from './gridKeys';
import { Icon } from './icons';
import type { PageState } from './reducer';
import { detailOf, kindName, problemOf } from './words';

/** The separate results of the pair that is pointed at, focused or pinned. Always as tall, so that nothing jumps. */
export function Detail({ state, place, isPinned }: { state: PageState; place: Place | undefined; isPinned: boolean }) {
  const [source, target] = [state.hosts[place?.row ?? -1], state.hosts[place?.column ?? -1]];
  if (!place || !source || !target || source === target) {
    return (
      <section class="detail is-blank" aria-label="Pair">
        <p>Point at a cell, or move to it with the arrow keys, for its separate results. Enter pins them.</p>
      </section>
    );
  }
  const kind = kindOf(state, place.row, place.column);
  const problem = problemOf(state, place.row, place.column);
  return (
    <section class="detail" aria-label="Pair">
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
        {detailOf(state, place.row, place.column).map((field) => (
          <div key={field.label} class={field.tone}>
            <dt>{field.label}</dt>
            <dd>{field.value}</dd>
          </div>
        ))}
      </dl>
      <p class="problem">{problem}</p>
    </section>
  );
}
