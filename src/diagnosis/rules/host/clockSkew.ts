import { rule } from '../../rule';
import { listAll } from '../../../base/text/words';

/** Clocks that differ by more make nobody's life easier, ms. */
const mostSkew = 60_000;
/** swarmkit dates the certificates of nodes back by an hour: a clock that is later by more refuses them, ms. */
const certificateSlack = 3_600_000;

/** The clock of a host is far from those of the others: nodes may refuse each other's certificates, and logs mislead. */
export const clockSkew = rule(
  {
    cuts: 'Nothing: the command only looks. A clock that is set right may jump.',
    opens: 'Nothing.',
    undo: 'There is nothing to undo.',
  },
  (analysis) => {
    const clocks = (analysis.facts.readings ?? []).flatMap(({ host, clockOffsetMs }) =>
      clockOffsetMs === undefined ? [] : [{ host, clockOffsetMs }],
    );
    // With two nobody knows which of them is wrong, unless it is ours: then the others agree.
    if (clocks.length < 3) return [];
    const middle = median(clocks.map(({ clockOffsetMs }) => clockOffsetMs));
    const wrong = clocks
      .map(({ host, clockOffsetMs }) => ({ host, skew: clockOffsetMs - middle }))
      .filter(({ skew }) => Math.abs(skew) > mostSkew);
    if (wrong.length === 0) return [];
    return {
      cause: 'clock-skew',
      title: `${listAll(wrong.map(({ host }) => host))}: the clock is wrong`,
      strength: 'guess',
      evidence: [
        ...wrong.map(
          ({ host, skew }) =>
            `The clock of ${host} is ${durationText(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} those of the others.`,
        ),
        ...(wrong.some(({ skew }) => Math.abs(skew) > certificateSlack)
          ? ['The nodes of a swarm refuse each other’s certificates when their clocks differ by more than an hour.']
          : []),
      ],
      pairs: [],
      remedy: {
        text: 'Let the hosts take their time from a time server (chrony, systemd-timesyncd).',
        commands: wrong.map(({ host }) => ({ host, label: 'time', command: 'timedatectl status' })),
      },
    };
  },
);

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** "90 s", "12 min", "3 h" */
function durationText(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
