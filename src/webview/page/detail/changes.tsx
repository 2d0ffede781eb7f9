import { useState } from 'preact/hooks';
import type { PairChange } from '../../../model/report/matrixChanges';
import type { PairEnds } from '../../protocol';
import { changeIcons, Icon } from '../icons';
import type { PageState } from '../state/reducer';
import { changeWords, clockText } from '../words';

/** Changes listed at once; the rest unfolds. */
const mostLines = 12;

interface ChangesProps {
  readonly state: PageState;
  readonly changes: readonly PairChange[];
  /** A change is pointed at or focused: its cell steps forward. */
  readonly onPoint: (pairs: readonly PairEnds[] | undefined) => void;
  /** A change was chosen: its pair is pinned. */
  readonly onChoose: (pair: PairEnds) => void;
  readonly onLeave: () => void;
}

/** What is not as it was in the run before. */
export function Changes({ state, changes, onPoint, onChoose, onLeave }: ChangesProps) {
  const [isOpen, setIsOpen] = useState(false);
  const shown = isOpen ? changes : changes.slice(0, mostLines);
  const at = state.previous?.startedAt;
  return (
    <section class="changes" aria-labelledby="changes-title">
      <h2 id="changes-title">What changed{at !== undefined && ` since ${clockText(at)}`}</h2>
      {changes.length === 0 && <p class="calm">Nothing: each pair is as it was.</p>}
      <ul>
        {shown.map((change) => (
          <li key={`${change.after.from} ${change.after.to}`}>
            <button
              type="button"
              class="change-line"
              onPointerEnter={() => onPoint([change.after])}
              onPointerLeave={() => onPoint(undefined)}
              onFocus={() => onPoint([change.after])}
              onBlur={() => onPoint(undefined)}
              onClick={() => onChoose({ from: change.after.from, to: change.after.to })}
            >
              <span class={`change ${change.kind}`}>
                <Icon name={changeIcons[change.kind]} />
              </span>
              <span>
                {change.after.from} → {change.after.to} <span class="was">{changeWords(change)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {changes.length > mostLines && (
        <button type="button" class="link" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {isOpen ? 'Show fewer' : `Show all ${changes.length.toLocaleString('en')}`}
        </button>
      )}{' '}
      <button type="button" class="link" onClick={onLeave}>
        Leave comparison
      </button>
    </section>
  );
}
