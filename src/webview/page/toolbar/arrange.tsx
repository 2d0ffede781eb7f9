import type { Grouping, KeptView } from '../../protocol';
import type { Place } from '../state/place';
import { Icon } from '../icons';
import { MenuButton } from './menuButton';
import type { PageState } from '../state/reducer';
import { membersAt, toggled, type Axis, type View } from '../state/view';

/** With fewer hosts everything is seen at a glance. */
const fewestToArrange = 5;

const groupingNames: Readonly<Record<Grouping, string>> = { none: 'Not grouped', zone: 'Zone', folder: 'Folder' };

interface ArrangeProps {
  readonly state: PageState;
  readonly view: View;
  readonly kept: KeptView;
  readonly found: ReadonlySet<number>;
  /** Where focus goes to in the grid. */
  readonly at: Place;
  readonly onArrange: (change: Partial<KeptView>) => void;
  readonly onCollapse: (groups: ReadonlySet<string>) => void;
  readonly onGo: (place: Place) => void;
}

/** What the matrix shows of its hosts, and in which order. */
export function Arrange(props: ArrangeProps) {
  const { state, view, kept, onArrange } = props;
  if (state.hosts.length < fewestToArrange && view.groupings.length === 0) return null;
  const isDone = state.phase === 'done';
  const isOnly = kept.onlyProblems === true;
  return (
    <div class="arrange" role="group" aria-label="Hosts shown">
      <Search {...props} />
      <button
        type="button"
        class="button secondary toggle"
        aria-pressed={isOnly}
        aria-disabled={!isDone}
        title="Show only hosts with a pair that is not reachable"
        onClick={() => isDone && onArrange({ onlyProblems: !isOnly })}
      >
        Only problems
      </button>
      {view.groupings.length > 0 && (
        <label class="group-by">
          Group by
          <select
            value={view.grouping}
            onChange={(event) => onArrange({ grouping: event.currentTarget.value as Grouping })}
          >
            {[...view.groupings, 'none' as const].map((grouping) => (
              <option key={grouping} value={grouping}>
                {groupingNames[grouping]}
              </option>
            ))}
          </select>
        </label>
      )}
      {view.groupNames.length > 0 && <Groups {...props} />}
      {view.isFiltered && (
        <span class="shown-count">{shownWords(hostsOn(view.rows), hostsOn(view.columns), state)}</span>
      )}
    </div>
  );
}

/** Which groups are open; those that are not are one row and one column each. */
function Groups({ view, onCollapse }: ArrangeProps) {
  const { groupNames, collapsed } = view;
  const groups = groupNames.map((name) => ({
    label: name,
    isChecked: !collapsed.has(name),
    run: () => onCollapse(toggled(collapsed, name)),
  }));
  return (
    <MenuButton
      icon="groups"
      label="Groups"
      offBecause={undefined}
      items={[
        { label: 'Collapse all', run: () => onCollapse(new Set(groupNames)) },
        { label: 'Open all', run: () => onCollapse(new Set()) },
        ...groups,
      ]}
    />
  );
}

/** One host that is cut off is enough for all to have a problem: then nothing is left out, and that is said. */
function shownWords(rows: number, columns: number, { hosts }: PageState): string {
  const all = hosts.length;
  return rows === all && columns === all ? 'Every host has one' : `${rows} × ${columns} of ${all} hosts`;
}

/** How many hosts an axis shows, those in collapsed groups included. */
const hostsOn = (axis: Axis): number =>
  axis.groups.length > 0 ? axis.groups.reduce((sum, { members }) => sum + members.length, 0) : axis.hosts.length;

/** Finds hosts by a part of their names: they stand out, and Enter goes from one to the next. */
function Search({ kept, found, view, at, onArrange, onGo }: ArrangeProps) {
  const search = kept.search ?? '';
  const go = (step: 1 | -1) => {
    const isFound = (row: number) => membersAt(view.rows, row).some((host) => found.has(host));
    const rows = [...view.rows.hosts.keys()].filter(isFound);
    if (rows.length === 0) return;
    const ahead = step > 0 ? rows.find((row) => row > at.row) : rows.findLast((row) => row < at.row);
    onGo({ row: ahead ?? (step > 0 ? (rows[0] ?? 0) : (rows.at(-1) ?? 0)), column: at.column });
  };
  return (
    <span class="search">
      <Icon name="search" />
      <input
        type="search"
        value={search}
        placeholder="Find hosts"
        aria-label="Find hosts"
        title="Enter goes to the next one, Shift+Enter to the one before"
        onInput={(event) => onArrange({ search: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape' && search !== '') onArrange({ search: '' });
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span class="found" role="status">
        {search.trim() === '' ? '' : found.size === 0 ? 'none' : String(found.size)}
      </span>
    </span>
  );
}
