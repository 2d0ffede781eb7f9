import type { Place } from './gridKeys';
import type { PageState } from './reducer';

/** What the grids tell and are told, the same for both ways of drawing. */
export interface GridProps {
  readonly state: PageState;
  /** The cell that keyboard focus is in, or goes to. */
  readonly active: Place;
  readonly pinned: Place | undefined;
  /** The cell that is pointed at or focused: its names stand out. */
  readonly shown: Place | undefined;
  /** Cells of the finding that is pointed at, as `row * hosts + column`; the others step back. */
  readonly lit: ReadonlySet<number> | undefined;
  readonly onActive: (place: Place) => void;
  readonly onHover: (place: Place | undefined) => void;
  readonly onPin: (place: Place | undefined) => void;
}
