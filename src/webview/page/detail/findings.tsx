import { count } from '../../../base/text/words';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Finding } from '../../../model/report/finding';
import type { PairEnds } from '../../protocol';
import { send } from '../api';
import { Icon } from '../icons';
import type { PageState } from '../state/reducer';

/** Evidence and commands shown at once; the rest unfolds. */
const mostLines = 5;

interface FindingsProps {
  readonly state: PageState;
  /** A finding is pointed at or focused: its cells step forward. */
  readonly onPoint: (pairs: readonly PairEnds[] | undefined) => void;
}

/** What is wrong, and the hosts that took no part. Made anew only when that has changed: results come many times a second. */
export function Findings({ state, onPoint }: FindingsProps) {
  const { report, hosts, phase } = state;
  return useMemo(() => <Content state={state} onPoint={onPoint} />, [report, hosts, phase, onPoint]);
}

function Content({ state, onPoint }: FindingsProps) {
  const findings = state.report?.findings ?? [];
  const left = state.report?.cleanUp.left ?? [];
  return (
    <section class="findings" aria-labelledby="findings-title">
      <h2 id="findings-title">What is wrong</h2>
      {findings.length === 0 ? (
        <NoFinding state={state} />
      ) : (
        <ol>
          {findings.map((finding, index) => (
            <FindingItem
              key={`${finding.rule} ${index}`}
              finding={finding}
              isBusy={state.phase !== 'done'}
              onPoint={onPoint}
            />
          ))}
        </ol>
      )}
      <HostProblems state={state} />
      {left.length > 0 && (
        <section class="notes">
          <h3>Left behind</h3>
          <Lines of={left} />
        </section>
      )}
    </section>
  );
}

function NoFinding({ state }: { state: PageState }) {
  const { report } = state;
  const summary = report?.summary;
  if (state.phase === 'idle') return <p class="calm">Not verified yet.</p>;
  if (!report) return <p class="calm">Causes are looked for once the pairs are measured.</p>;
  if (summary && summary.pairs > 0 && summary.reachable === summary.pairs) {
    return (
      <p class="calm good">
        <Icon name="passed" /> Nothing. All {count(summary.pairs, 'pair')} reachable.
      </p>
    );
  }
  if (report.outcome !== 'finished') return <p class="calm">Causes were not looked for.</p>;
  return <p class="calm">No rule explains these results. The cells’ details and the log say what was seen.</p>;
}

interface FindingProps extends Pick<FindingsProps, 'onPoint'> {
  readonly finding: Finding;
  readonly isBusy: boolean;
}

function FindingItem({ finding, isBusy, onPoint }: FindingProps) {
  const { remedy } = finding;
  return (
    <li
      class="finding"
      onPointerEnter={() => onPoint(finding.pairs)}
      onPointerLeave={() => onPoint(undefined)}
      onFocusCapture={() => onPoint(finding.pairs)}
      onBlurCapture={() => onPoint(undefined)}
    >
      {/* Reachable by Tab also without a command, to see its cells. */}
      <h3 tabIndex={0}>
        {finding.title} <span class={`confidence ${finding.confidence}`}>({finding.confidence})</span>
      </h3>
      <Lines of={finding.evidence} />
      <p class="remedy">{remedy.text}</p>
      <Commands of={remedy.commands} />
      {finding.pairs.length > 0 && (
        <button
          type="button"
          class="button secondary again"
          aria-label={`Check again: ${count(finding.pairs.length, 'pair')} of ${finding.title}`}
          aria-disabled={isBusy}
          onClick={() => !isBusy && send({ type: 'checkAgain', pairs: finding.pairs })}
        >
          <Icon name="refresh" />
          Check again
        </button>
      )}
    </li>
  );
}

function Lines({ of }: { of: readonly string[] }) {
  const [isOpen, setIsOpen] = useState(false);
  if (of.length === 0) return null;
  const shown = isOpen ? of : of.slice(0, mostLines);
  return (
    <>
      <ul class="evidence">
        {shown.map((line, index) => (
          <li key={index}>{line}</li>
        ))}
      </ul>
      <More total={of.length} isOpen={isOpen} onToggle={() => setIsOpen(!isOpen)} />
    </>
  );
}

function Commands({ of }: { of: Finding['remedy']['commands'] }) {
  const [isOpen, setIsOpen] = useState(false);
  if (of.length === 0) return null;
  const shown = isOpen ? of : of.slice(0, mostLines);
  return (
    <>
      <ul class="commands">
        {shown.map((command, index) => (
          <li key={index}>
            <div class="label">
              <strong>{command.host}</strong> {command.label}
            </div>
            <div class="command">
              <code>{command.command}</code>
              <CopyButton host={command.host} command={command.command} />
            </div>
          </li>
        ))}
      </ul>
      <More total={of.length} isOpen={isOpen} onToggle={() => setIsOpen(!isOpen)} />
    </>
  );
}

function More({ total, isOpen, onToggle }: { total: number; isOpen: boolean; onToggle: () => void }) {
  if (total <= mostLines) return null;
  return (
    <button type="button" class="link" aria-expanded={isOpen} onClick={onToggle}>
      {isOpen ? 'Show fewer' : `Show all ${total}`}
    </button>
  );
}

/** How long "Copied" stands, ms. */
const copiedMs = 1_500;

/** Copies a command through the extension; names the host it is for. */
function CopyButton({ host, command }: { host: string; command: string }) {
  const [copies, setCopies] = useState(0);
  useEffect(() => {
    if (copies === 0) return undefined;
    const timer = setTimeout(() => setCopies(0), copiedMs);
    return () => clearTimeout(timer);
  }, [copies]);
  return (
    <button
      type="button"
      class="copy"
      aria-label={copies > 0 ? `Copied the command for ${host}` : `Copy the command for ${host}`}
      onClick={() => {
        send({ type: 'copy', text: command });
        setCopies(copies + 1);
      }}
    >
      <Icon name={copies > 0 ? 'check' : 'copy'} />
      <span class="copy-text">{copies > 0 ? 'Copied' : 'Copy'}</span>
    </button>
  );
}

function HostProblems({ state }: { state: PageState }) {
  const troubled = state.hosts.filter((host) => host.problem);
  if (troubled.length === 0) return null;
  return (
    <section class="notes">
      <h3>{count(troubled.length, 'host')} took no part</h3>
      <ul>
        {troubled.map(({ host, problem }) => (
          <li key={host}>
            <h4>
              <Icon name="warning" /> {host}: {problem?.title}
            </h4>
            <p>{problem?.happened}</p>
            <p class="remedy">{problem?.remedy}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
