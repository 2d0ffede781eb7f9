import { rule } from '../../rule';
import { count, listAll } from '../../../base/text/words';

/** The image of the test containers has no ping, or one that may not or cannot do what is asked: no pair could be tried. */
export const cannotPing = rule(
  { cuts: 'Nothing: a setting of this extension is changed.', opens: 'Nothing.', undo: 'Set the image of before.' },
  (analysis) => {
    const pairs = analysis.pairs.filter(({ problemReason }) => problemReason === 'cannotPing');
    if (pairs.length === 0) return [];
    const hosts = [...new Set(pairs.map(({ from }) => from))];
    const words = [...new Set(pairs.flatMap(({ problem }) => problem ?? []))].slice(0, 3);
    return {
      cause: 'image-cannot-ping',
      title: 'The image cannot ping',
      strength: 'measured',
      evidence: [
        `The test ${hosts.length === 1 ? 'container' : 'containers'} on ${listAll(hosts)} could not send an echo request: ${words.join('; ')}.`,
        `${count(pairs.length, 'pair')} could not be tried; nothing is known against the network.`,
      ],
      pairs,
      remedy: {
        text:
          'The image of the setting dockerOverlay.verify.image needs a ping that root may use with pauses of a tenth of a second, as ' +
          'those of alpine and busybox have. Set it back to alpine:latest, or to an image of yours with such a ping, and verify again.',
        commands: [],
      },
    };
  },
);
