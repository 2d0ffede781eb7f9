import { count } from '../../../base/text/words';
import type { ExportFormat, Grouping } from '../../protocol';
import { send } from '../api';
import { Icon } from '../icons';
import { MenuButton } from './menuButton';
import type { PageState } from '../state/reducer';
import { clockText } from '../words';

interface HeaderProps {
  readonly state: PageState;
  readonly grouping: Grouping;
  readonly isComparing: boolean;
  readonly onCompare: (comparing: boolean) => void;
}

const exports: readonly { readonly format: ExportFormat; readonly label: string }[] = [
  { format: 'json', label: 'Export JSON' },
  { format: 'markdown', label: 'Export Markdown' },
  { format: 'junit', label: 'Export JUnit XML' },
];

/** The network's name, what is known of it, and the buttons. */
export function Header({ state, grouping, isComparing, onCompare }: HeaderProps) {
  const { header, hosts, report } = state;
  const facts = [
    header.encrypted ? 'encrypted' : undefined,
    hosts.length > 0 ? count(hosts.length, 'host') : undefined,
    grouping === 'none' ? undefined : `grouped by ${grouping}`,
    `${count(header.pings, 'ping')} each`,
    header.subnets.join(', ') || undefined,
    header.clusterName || undefined,
  ].filter((fact) => fact !== undefined);
  return (
    <header class="header">
      <h1 class="title">
        <span class="name">{header.networkName}</span>
        {header.encrypted && <Icon name="lock" />}
      </h1>
      <p class="facts">
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      <div class="buttons" role="group" aria-label="Verification">
        <RunButton state={state} />
        <WatchButton isWatched={state.extras?.watch !== undefined} />
        <CompareButton
          previousAt={state.extras?.previousAt}
          isOn={isComparing}
          hasReport={!!report}
          onCompare={onCompare}
        />
        <MenuButton
          icon="exportFile"
          label="Export"
          offBecause={report ? undefined : 'There is something to export once a verification has ended'}
          items={exports.map(({ format, label }) => ({ label, run: () => send({ type: 'export', format }) }))}
        />
      </div>
    </header>
  );
}

/** One button in one place: runs, and while it runs, cancels. Keeps its focus in between. */
function RunButton({ state }: { state: PageState }) {
  const { phase, extras } = state;
  const isBusy = phase === 'running' || phase === 'cancelling';
  // A watched network is verified behind the last result.
  const isOff = phase === 'cancelling' || (!isBusy && extras?.watch?.phase === 'verifying');
  return (
    <button
      type="button"
      class={isBusy ? 'button secondary run' : 'button run'}
      // Not `disabled`, which would throw keyboard focus away.
      aria-disabled={isOff}
      title={isOff && !isBusy ? 'It is being verified now' : undefined}
      onClick={() => !isOff && send({ type: isBusy ? 'cancel' : 'run' })}
    >
      <Icon name={isBusy ? 'stop' : 'run'} />
      {isBusy ? 'Cancel' : 'Run'}
    </button>
  );
}

function WatchButton({ isWatched }: { isWatched: boolean }) {
  return (
    <button
      type="button"
      // The words say what it does next; "pressed" besides would say the opposite.
      class={isWatched ? 'button secondary toggle on' : 'button secondary toggle'}
      title={isWatched ? 'Stop verifying again and again' : 'Verify again and again, and tell when something changes'}
      onClick={() => send({ type: isWatched ? 'stopWatch' : 'watch' })}
    >
      <Icon name="eye" />
      {isWatched ? 'Stop Watching' : 'Watch'}
    </button>
  );
}

interface CompareProps {
  readonly previousAt: number | undefined;
  readonly isOn: boolean;
  readonly hasReport: boolean;
  readonly onCompare: (comparing: boolean) => void;
}

function CompareButton({ previousAt, isOn, hasReport, onCompare }: CompareProps) {
  const isOff = previousAt === undefined || !hasReport;
  return (
    <button
      type="button"
      class="button secondary toggle"
      aria-pressed={isOn}
      aria-disabled={isOff}
      title={
        isOff ? 'There is something to compare after a second run' : `Compare with the run of ${clockText(previousAt)}`
      }
      onClick={() => !isOff && onCompare(!isOn)}
    >
      <Icon name="compare" />
      Compare
    </button>
  );
}
