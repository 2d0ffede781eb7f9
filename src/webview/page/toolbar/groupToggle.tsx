import { count } from '../../../base/text/words';
import { Icon } from '../icons';
import type { Group } from '../state/view';

interface GroupToggleProps {
  readonly group: Group;
  readonly onToggle: (group: string) => void;
  /** Of a column, whose group is opened and collapsed by the row's button as well: no stop for Tab. */
  readonly isColumn?: boolean;
}

/** The name of a group of hosts; a click collapses the group, or opens it again. */
export function GroupToggle({ group, onToggle, isColumn = false }: GroupToggleProps) {
  const { name, members, isCollapsed } = group;
  return (
    <button
      type="button"
      class="group-toggle"
      aria-expanded={!isCollapsed}
      aria-label={`${name}, ${count(members.length, 'host')}`}
      title={`${isCollapsed ? 'Open' : 'Collapse'} ${name} (${count(members.length, 'host')})`}
      data-group={isColumn ? undefined : name}
      tabIndex={isColumn ? -1 : 0}
      // The names above the columns are hidden from screen readers: focus must not get there by a click either.
      onMouseDown={(event) => isColumn && event.preventDefault()}
      onClick={() => onToggle(name)}
    >
      <Icon name={isCollapsed ? 'right' : 'chevron'} />
      <span class="group-name">{name}</span>
      {isCollapsed && <span class="group-count">{members.length}</span>}
    </button>
  );
}
