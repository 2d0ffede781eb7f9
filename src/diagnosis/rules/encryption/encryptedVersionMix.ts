import { numbersKeysDifferently } from '../../../model/engine/engineFaults';
import { rule } from '../../rule';
import { factsOf } from '../../hosts';
import { listAll } from '../../../base/text/words';
import { dockerVersion } from '../../remedies/engine';

/**
 * Encrypted, and pairs are dead exactly between two groups of engine versions that number the keys in different ways
 * (moby#51798).
 */
export const encryptedVersionMix = rule(
  {
    cuts: 'The containers of a host while its Docker is updated: one host after the other.',
    opens: 'Nothing.',
    undo: 'An update is not taken back.',
  },
  (analysis) => {
    if (!analysis.facts.encrypted) return [];
    const isOther = new Map(
      analysis.present.map((host) => [host, numbersKeysDifferently(factsOf(analysis, host).engineVersion ?? '')]),
    );
    const others = analysis.present.filter((host) => isOther.get(host) === true);
    const rest = analysis.present.filter((host) => isOther.get(host) === false);
    if (others.length === 0 || rest.length === 0) return [];
    const isAcross = (pair: { from: string; to: string }) => isOther.get(pair.from) !== isOther.get(pair.to);
    const across = analysis.tried.filter(isAcross);
    const isMix =
      across.length > 0 &&
      across.every((pair) => pair.verdict === 'dead') &&
      analysis.tried.every((pair) => isAcross(pair) || pair.verdict !== 'dead');
    if (!isMix) return [];
    const versions = [...new Set(others.map((host) => factsOf(analysis, host).engineVersion ?? ''))];
    return {
      cause: 'encrypted-version-mix',
      title: `Docker ${listAll(versions)} cannot exchange encrypted packets with other versions`,
      strength: 'measured',
      evidence: [
        `All pairs between ${listAll(others)} and ${listAll(rest)} are dead, and no other pair is.`,
        `Docker ${listAll(versions)} numbers the keys of encrypted networks in another way than the versions of the other hosts.`,
      ],
      pairs: across,
      remedy: {
        text: `Update Docker on ${listAll(others)}, so that all hosts number keys in the same way (25.0.15, 28.3, 29.2.1 or later), one host after the other.`,
        commands: others.map(dockerVersion),
      },
    };
  },
);
