import { send } from './api';
import { Icon } from './icons';
import type { PageState } from './reducer';
import { count } from './words';

/** The network's name, what is known of it, and the buttons. */
export function Header({ state }: { state: PageState }) {
  const { header, hosts, report } = state;
  const facts = [
    header.encrypted ? 'encrypted' : undefined,
    hosts.length > 0 ? count(hosts.length, 'host') : undefined,
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
      <div class="buttons" role="toolbar" aria-label="Verification">
        <RunButton phase={state.phase} />
        <ExportButton format="json" label="Export JSON" isOff={!report} />
        <ExportButton format="markdown" label="Export Markdown" isOff={!report} />
      </div>
    </header>
  );
}

/** One button in one place: runs, and while it runs, cancels. Keeps its focus in between. */
function RunButton({ phase }: { phase: PageState['phase'] }) {
  const isBusy = phase === 'running' || phase === 'cancelling';
  return (
    <button
      type="button"
      class={isBusy ? 'button secondary run' : 'button run'}
      // Not `disabled`, which would throw keyboard focus away.
      aria-disabled={phase === 'cancelling'}
      onClick={() => phase !== 'cancelling' && send({ type: isBusy ? 'cancel' : 'run' })}
    >
      <Icon name={isBusy ? 'stop' : 'run'} />
      {isBusy ? 'Cancel' : 'Run'}
    </button>
  );
}

function ExportButton({ format, label, isOff }: { format: 'json' | 'markdown'; label: string; isOff: boolean }) {
  return (
    <button
      type="button"
      class="button secondary"
      aria-disabled={isOff}
      title={isOff ? 'There is something to export once a verification has ended' : undefined}
      onClick={() => !isOff && send({ type: 'export', format })}
    >
      <Icon name="exportFile" />
      {label}
    </button>
  );
}
