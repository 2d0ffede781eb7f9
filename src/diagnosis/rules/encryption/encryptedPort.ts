import { needsUsualPort } from '../../../model/engine/engineFaults';
import { defaultDataPathPort } from '../../facts';
import { rule } from '../../rule';
import { factsOf } from '../../hosts';
import { listAll } from '../../../base/text/words';
import { dockerVersion } from '../../remedies/engine';

/** Encrypted, and the data-path port is another than 4789: engines before 23.0.7 and 24.0.3 encrypt that port only (moby#45635). */
export const encryptedPort = rule(
  {
    cuts: 'The containers of a host while its Docker is updated. A swarm that is recreated loses its services: only where there are none.',
    opens: 'Nothing.',
    undo: 'An update is not taken back.',
  },
  (analysis) => {
    const { encrypted, dataPathPort } = analysis.facts;
    if (!encrypted || dataPathPort === defaultDataPathPort) return [];
    const old = analysis.present.filter((host) => needsUsualPort(factsOf(analysis, host).engineVersion ?? ''));
    const pairs = analysis.tried.filter(
      (pair) => pair.verdict === 'dead' && (old.includes(pair.from) || old.includes(pair.to)),
    );
    if (pairs.length === 0) return [];
    return {
      cause: 'encrypted-data-path-port',
      title: 'Encryption does not work with this data-path port',
      strength: 'measured',
      evidence: [
        `The swarm’s data-path port is ${dataPathPort}, and the network is encrypted.`,
        ...old.map(
          (host) =>
            `${host} has Docker ${factsOf(analysis, host).engineVersion ?? ''}, which encrypts port ${defaultDataPathPort} only.`,
        ),
      ],
      pairs,
      remedy: {
        text: `Update Docker on ${listAll(old)} to 23.0.7, 24.0.3 or later, one host after the other. Only a swarm without services is better recreated, with the data-path port ${defaultDataPathPort}.`,
        commands: old.map(dockerVersion),
      },
    };
  },
);
