import type { CommandArguments } from '../../../contributions';
import type { ProofReport } from '../../../model/report/proof';
import type { TwinReport } from '../../../model/report/twin';
import type { Fleet } from '../../../swarm/fleet';
import { chooseCluster } from '../../swarm/chooseNodes';
import { chooseNetwork, noNetworks } from '../../networks/chooseNetworks';
import { findCluster, findNetwork } from '../../command/find';
import { showInfo, showWarning } from '../../vscode/messages';
import type { MarkdownPreviews } from '../../vscode/markdownPreviews';
import { withProgress } from '../../vscode/progress';
import { proofPage, twinPage } from '../../../verify/reports/encryptionPages';
import type { Proofs } from './proofs';
import type { CommandTable } from '../../command/register';

export function proofCommands(fleet: Fleet, proofs: Proofs, previews: MarkdownPreviews) {
  return {
    'dockerOverlay.verify.proveEncryption': (args) => prove(fleet, proofs, previews, args),
    'dockerOverlay.verify.twin': (args) => compare(fleet, proofs, previews, args),
  } satisfies Partial<CommandTable>;
}

/** @returns the report; it is shown when asked for, and does not wait for that. */
async function prove(
  fleet: Fleet,
  proofs: Proofs,
  previews: MarkdownPreviews,
  args: CommandArguments['dockerOverlay.verify.proveEncryption'],
): Promise<ProofReport> {
  const item = await chooseNetwork(fleet.topology, args.networkId, {
    title: 'Prove Encryption',
    placeholder: 'Of which network?',
    offer: ({ network, clusterId }) =>
      network.attachable && !network.ingress && [undefined, clusterId].includes(args.clusterId),
    ...noNetworks,
  });
  const { name, encrypted } = item.network;
  const report = await withProgress(`Proving encryption of ${name}`, (signal, onStage) =>
    proofs.prove(item, args.hosts, { signal, onStage }),
  );
  if (report.outcome === 'cancelled') return report;
  const isGood = report.pairs.length > 0 && report.pairs.every(({ verdict }) => verdict === 'encrypted');
  const isAsSet = isGood || (!encrypted && report.pairs.every(({ verdict }) => verdict === 'plaintext'));
  const details = {
    label: 'Show Details',
    run: () => void previews.show(`Encryption of ${name}`, proofPage(report)),
  };
  const sentence = `${name}: ${report.conclusion}`;
  if (report.outcome === 'finished' && isAsSet) showInfo(sentence, [details]);
  else showWarning(sentence, [details]);
  return report;
}

/** @returns the report, as {@link prove}. */
async function compare(
  fleet: Fleet,
  proofs: Proofs,
  previews: MarkdownPreviews,
  args: CommandArguments['dockerOverlay.verify.twin'],
): Promise<TwinReport> {
  const like = args.networkId === undefined ? undefined : findNetwork(fleet.topology, args.networkId);
  const cluster =
    like && args.clusterId === undefined
      ? findCluster(fleet.topology, like.clusterId)
      : await chooseCluster(fleet.topology, args.clusterId, 'Compare with Unencrypted Twin');
  const report = await withProgress(`Comparing with and without encryption in ${cluster.name}`, (signal, onStage) =>
    proofs.compare({ cluster, like: like?.network }, args.hosts, { signal, onStage }),
  );
  if (report.outcome === 'cancelled') return report;
  const details = {
    label: 'Show Details',
    run: () => void previews.show(`Encryption in ${cluster.name}`, twinPage(report)),
  };
  const isFine = report.outcome === 'finished' && report.hosts.every(({ verdict }) => verdict === 'fine');
  if (isFine) showInfo(report.conclusion, [details]);
  else showWarning(report.conclusion, [details]);
  return report;
}
