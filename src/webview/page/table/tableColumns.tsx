import { GroupToggle } from '../toolbar/groupToggle';
import type { PageState } from '../state/reducer';
import { collapsedAt, membersAt, type Axis, type Group } from '../state/view';
import { shorten } from '../words';

/** Beyond this many columns their names stand upright, so that they stay narrow. */
export const mostWideColumns = 12;

interface ColumnsProps {
  readonly state: PageState;
  readonly axis: Axis;
  readonly shown: number | undefined;
  readonly found: ReadonlySet<number>;
  /** Columns where a group begins. */
  readonly starts: ReadonlySet<number>;
  readonly onToggle: (group: string) => void;
}

/** The names of the targets, and of the groups above them. */
export function Columns({ state, axis, shown, found, starts, onToggle }: ColumnsProps) {
  const size = axis.hosts.length;
  const most = size > mostWideColumns ? 14 : size > 6 ? 9 : 13;
  return (
    <thead>
      {axis.groups.length > 0 && (
        <tr class="groups" aria-hidden="true">
          <th class="corner" />
          {axis.groups.map((group) => (
            <th key={group.name} colSpan={group.count} class={starts.has(group.first) ? 'starts-group' : undefined}>
              <GroupToggle group={group} onToggle={onToggle} isColumn />
            </th>
          ))}
        </tr>
      )}
      <tr role="row" aria-rowindex={1}>
        <th class="corner" role="columnheader" aria-colindex={1}>
          <span class="axis">from ↓ to →</span>
        </th>
        {axis.hosts.map((index, column) => {
          const group = collapsedAt(axis, column);
          const name = group?.name ?? state.hosts[index]?.host ?? '';
          const isFound = membersAt(axis, column).some((host) => found.has(host));
          const classes = [
            'column',
            (column === shown || isFound) && 'is-active',
            starts.has(column) && 'starts-group',
            state.hosts[index]?.problem && 'has-problem',
            group && 'is-group',
          ];
          return (
            <th
              key={group ? `group ${name}` : name}
              role="columnheader"
              scope="col"
              aria-colindex={column + 2}
              title={group ? groupTitle(group) : name}
              class={classes.filter(Boolean).join(' ')}
            >
              <span class="host">{group ? `${group.members.length} hosts` : shorten(name, most)}</span>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

const groupTitle = ({ name, members }: Group) => `${name}: ${members.length} hosts`;
