import type { PairChange } from '../../../model/report/matrixChanges';
import type { Place } from './place';
import type { PageState } from './reducer';
import type { Mask, View } from './view';

/** What the grids tell and are told, the same for both ways of drawing. Places are positions in the view. */
export interface GridProps {
  readonly state: PageState;
  readonly view: View;
  /** The cell that keyboard focus is in, or goes to. */
  readonly active: Place;
  readonly pinned: Place | undefined;
  /** The cell that is pointed at or focused: its names stand out. */
  readonly shown: Place | undefined;
  /** Cells that stand out: of the finding that is pointed at, or of hosts that were searched; the others step back. */
  readonly lit: Mask | undefined;
  /** While two runs are compared: what has changed, by `from * hosts + to`. */
  readonly changes: ReadonlyMap<number, PairChange> | undefined;
  /** Hosts (by index) whose names stand out. */
  readonly found: ReadonlySet<number>;
  /** Set when groups are opened from a cell, which is gone then: the cell in its place, of whichever grid, takes the focus. */
  readonly takesFocus: { current: boolean };
  readonly onActive: (place: Place) => void;
  readonly onHover: (place: Place | undefined) => void;
  /** A cell was chosen: its pair is pinned, or the collapsed groups that meet there are opened. */
  readonly onPin: (place: Place) => void;
  /** A group is to be collapsed, or opened when it is. */
  readonly onToggle: (group: string) => void;
}

/** The host at a position of an axis, by its index; -1 beyond the end and where a collapsed group stands. */
export const hostAt = (axis: { readonly hosts: readonly number[] }, position: number): number =>
  axis.hosts[position] ?? -1;
