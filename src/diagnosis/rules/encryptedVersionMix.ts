import { numbersKeysDifferently } from '../../model/engine/engineFaults';
import { rule } from '../rule';
import { cells, factsOf, listOf } from '../view';

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
  (view) => {
    if (!view.facts.encrypted) return [];
    const isOther = new Map(
      view.present.map((host) => [host, numbersKeysDifferently(factsOf(view, host).engineVersion ?? '')]),
    );
    const others = view.present.filter((host) => isOther.get(host) === true);
    const rest = view.present.filter((host) => isOther.get(host) === false);
    if (others.length === 0 || rest.length === 0) return [];
    const isAcross = (pair: { from: string; to: string }) => isOther.get(pair.from) !== isOther.get(pair.to);
    const across = view.tried.filter(isAcross);
    const isMix =
      across.length > 0 &&
      across.every((pair) => pair.verdict === 'dead') &&
      view.tried.every((pair) => isAcross(pair) || pair.verdict !== 'dead');
    if (!isMix) return [];
    const versions = [...new Set(others.map((host) => factsOf(view, host).engineVersion ?? ''))];
    return [
      {
        rule: 'encrypted-version-mix',
        title: `Docker ${listOf(versions)} cannot exchange encrypted packets with other versions`,
        confidence: 'certain',
        evidence: [
          `All pairs between ${listOf(others)} and ${listOf(rest)} are dead, and no other pair is.`,
          `Docker ${listOf(versions)} numbers the keys of encrypted networks in another way than the versions of the other hosts.`,
        ],
        pairs: cells(across),
        remedy: {
          text: `Update Docker on ${listOf(others)}, so that all hosts number keys in the same way (25.0.15, 28.3, 29.2.1 or later), one host after the other.`,
          commands: others.map((host) => ({
            host,
            label: 'version',
            command: 'docker version --format "{{.Server.Version}}"',
          })),
        },
      },
    ];
  },
);
