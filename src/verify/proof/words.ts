import type { PairProof, ProofVerdict } from '../../model/report/proof';
import { count, listAll } from '../../base/text/words';

const verdicts: readonly ProofVerdict[] = ['encrypted', 'plaintext', 'dead', 'cannotTell'];

/** "4 are encrypted", "1 is dead" */
const verdictWords: Readonly<Record<ProofVerdict, string>> = {
  encrypted: 'encrypted',
  plaintext: 'in the clear',
  dead: 'dead',
  cannotTell: 'not known',
};

/** The whole proof in one sentence for a person. */
export function conclusionOf(isSetToEncrypt: boolean, pairs: readonly PairProof[]): string {
  const groups = verdicts
    .map((verdict) => ({ verdict, pairs: pairs.filter((pair) => pair.verdict === verdict) }))
    .filter((group) => group.pairs.length > 0);
  const [only] = groups;
  if (!only) return 'There was no pair of hosts to look at.';
  if (groups.length === 1) return sameForAll(isSetToEncrypt, only.verdict, only.pairs);
  const parts = groups.map((group) => `${group.pairs.length} ${verdictWords[group.verdict]}`);
  const clear = groups.some(({ verdict }) => verdict === 'plaintext');
  const note = isSetToEncrypt && clear ? ', although the network is set to encrypt' : '';
  return `Of ${count(pairs.length, 'pair')}, ${listAll(parts)}${note}.`;
}

function sameForAll(isSetToEncrypt: boolean, verdict: ProofVerdict, pairs: readonly PairProof[]): string {
  const all = pairs.length === 1 ? 'The pair' : `All ${pairs.length} pairs`;
  const verb = pairs.length === 1 ? 'is' : 'are';
  switch (verdict) {
    case 'encrypted':
      return `${all} ${verb} encrypted: ${sum(pairs, 'esp')} ESP packets, none in the clear.`;
    case 'plaintext': {
      const note = isSetToEncrypt ? ', although the network is set to encrypt' : ': the network is not encrypted';
      return `${all} ${verb} in the clear${note}; ${sum(pairs, 'plaintext')} VXLAN packets could be read.`;
    }
    case 'dead':
      return `${all} ${verb} dead: no packet comes through.${commonReason(pairs)}`;
    case 'cannotTell':
      return `It could not be told whether packets are encrypted.${commonReason(pairs)}`;
  }
}

/** As seen at the sender, or at the receiver where nobody could look at the sender. */
function sum(pairs: readonly PairProof[], what: 'esp' | 'plaintext'): number {
  return pairs.reduce((total, pair) => total + Math.max(pair[what].sent, pair[what].arrived), 0);
}

function commonReason(pairs: readonly PairProof[]): string {
  const reasons = [...new Set(pairs.flatMap((pair) => pair.reason ?? []))];
  return reasons.length === 1 ? ` ${reasons[0]}` : '';
}
