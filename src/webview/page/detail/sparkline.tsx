import type { HistoryRun } from '../../protocol';
import { msText } from '../state/cells';
import { clockText, historyWords, verdictNames } from '../words';

const [step, width, height, floor] = [7, 5, 34, 24];

/**
 * What the last runs found for a pair: a bar a run, as tall as its round trip. Runs without answer hang below the line,
 * so that they differ by place and not by colour alone.
 */
export function Sparkline({ runs }: { runs: readonly HistoryRun[] }) {
  const slowest = Math.max(...runs.map((run) => run.avgMs ?? 0), 0.001);
  const words = historyWords(runs);
  return (
    <figure class="history">
      <svg width={runs.length * step} height={height} role="img" aria-label={words}>
        <line x1={0} x2={runs.length * step} y1={floor + 0.5} y2={floor + 0.5} />
        {runs.map((run, index) => (
          <Bar key={run.at} run={run} x={index * step + 1} share={(run.avgMs ?? 0) / slowest} />
        ))}
      </svg>
      <figcaption>{words}</figcaption>
    </figure>
  );
}

function Bar({ run, x, share }: { run: HistoryRun; x: number; share: number }) {
  const title = `${clockText(run.at)}: ${verdictNames[run.verdict]}${run.avgMs === undefined ? '' : `, ${msText(run.avgMs)}`}`;
  const tall = Math.max(3, Math.round(share * (floor - 2)));
  const isDown = run.verdict === 'dead';
  return (
    <rect
      class={run.verdict}
      x={x}
      width={width}
      y={run.verdict === 'unknown' ? floor - 1 : isDown ? floor + 1 : floor - tall}
      height={run.verdict === 'unknown' ? 2 : isDown ? height - floor - 1 : tall}
    >
      <title>{title}</title>
    </rect>
  );
}
