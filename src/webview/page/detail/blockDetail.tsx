import { groupsAt, lineName, type Block } from '../state/blocks';
import type { Place } from '../state/place';
import type { PageState } from '../state/reducer';
import type { View } from '../state/view';
import { kindName, verdicts } from '../words';

interface BlockDetailProps {
  readonly state: PageState;
  readonly view: View;
  readonly place: Place;
  readonly block: Block;
}

/** What a cell of a collapsed group sums up; as tall as the detail of a pair, so that nothing jumps. */
export function BlockDetail({ state, view, place, block }: BlockDetailProps) {
  const withHistory = (state.extras?.runs ?? 0) > 1 ? ' has-history' : '';
  const open = block.counts.pending + block.counts.empty;
  const figures = verdicts.flatMap((verdict) =>
    block.counts[verdict] > 0 ? [{ label: kindName(verdict), value: block.counts[verdict] }] : [],
  );
  return (
    <section class={`detail${withHistory}`} aria-label="Pairs of a group">
      <h2>
        <span class="ends">
          <span class="end">{lineName(state, view.rows, place.row)}</span>
          <span class="arrow" aria-label="to">
            →
          </span>
          <span class="end">{lineName(state, view.columns, place.column)}</span>
        </span>
        <span class={`verdict ${block.kind}`}>{block.kind === 'self' ? 'no pairs' : kindName(block.kind)}</span>
      </h2>
      <dl>
        <div>
          <dt>Pairs</dt>
          <dd>{block.pairs.toLocaleString('en')}</dd>
        </div>
        {[...figures, ...(open > 0 ? [{ label: 'open', value: open }] : [])].map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value.toLocaleString('en')}</dd>
          </div>
        ))}
      </dl>
      <p class="problem">
        A click or Enter opens {[...new Set(groupsAt(view, place).map(({ name }) => name))].join(' and ')}
        {block.faults > 0 && ' at the pair that is worst off'}.
      </p>
    </section>
  );
}
