import type { MatrixSummary } from '../../../model/report/matrix';
import { changeKinds, type PairChange } from '../../../model/report/matrixChanges';
import { changeIcons, Icon, type IconName } from '../icons';
import { changeMeanings, changeNames, verdictNames, verdicts } from '../words';

const icons: Readonly<Record<(typeof verdicts)[number], IconName>> = {
  reachable: 'check',
  lossy: 'half',
  nameOnly: 'tag',
  dead: 'cross',
  unknown: 'dash',
};

/** What the shapes and colours mean, with the number of pairs of each: legend and sum in one. */
export function Legend({ summary, isDone }: { summary: MatrixSummary; isDone: boolean }) {
  return (
    <ul class="legend" aria-label="Pairs by result">
      {verdicts.map((verdict) => (
        <li key={verdict} class={`${verdict}${summary[verdict] === 0 ? ' none' : ''}`}>
          <span class="swatch">
            <Icon name={icons[verdict]} />
          </span>
          <span class="figure">{summary[verdict].toLocaleString('en')}</span>{' '}
          {verdict === 'unknown' && !isDone ? 'open' : verdictNames[verdict]}
        </li>
      ))}
    </ul>
  );
}

/** The same while two runs are compared. */
export function ChangeLegend({ changes }: { changes: readonly PairChange[] }) {
  return (
    <ul class="legend" aria-label="Pairs by change">
      {changeKinds.map((kind) => {
        const number = changes.filter((change) => change.kind === kind).length;
        return (
          <li key={kind} class={number === 0 ? 'none' : undefined} title={changeMeanings[kind]}>
            <span class={`change ${kind}`}>
              <Icon name={changeIcons[kind]} />
            </span>
            <span class="figure">{number.toLocaleString('en')}</span> {changeNames[kind]}
          </li>
        );
      })}
    </ul>
  );
}
