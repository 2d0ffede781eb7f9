import type { CommandArguments } from '../../../contributions';
import type { PortCheck } from '../../../model/network/underlay';
import type { Topology } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import { summarisePorts } from '../../../diagnosis/ports/summarisePorts';
import { chooseHosts } from '../../hosts/chooseHosts';
import { commandButton, showInfo, showWarning } from '../../vscode/messages';
import type { PortChecks } from './portChecks';
import type { MarkdownPreviews } from '../../vscode/markdownPreviews';
import { leftOutWords, portReport } from './report';
import { scopeOf } from './scope';
import { withProgress } from '../../vscode/progress';
import type { CommandTable } from '../../command/register';

export function portCommands(fleet: Fleet, ports: PortChecks, previews: MarkdownPreviews) {
  return {
    'dockerOverlay.host.checkPorts': (args) => checkHostPorts(fleet, ports, previews, args),
  } satisfies Partial<CommandTable>;
}

/** Tries the ports, shows what was found, and does not wait until it has been read. @returns every way. */
async function checkHostPorts(
  fleet: Fleet,
  ports: PortChecks,
  previews: MarkdownPreviews,
  args: CommandArguments['dockerOverlay.host.checkPorts'],
): Promise<readonly PortCheck[]> {
  const scope = scopeOf(fleet.topology, await completed(fleet.topology, args));
  const report = await withProgress(`Checking ports of ${scope.title}`, (signal, words) =>
    ports.run(scope, signal, words),
  );
  const { problems, tried, sentence } = summarisePorts(report.checks);
  await previews.show(`Port check of ${scope.title}`, portReport(scope.title, report, scope.leftOut));
  const again = commandButton('Check Again', 'dockerOverlay.host.checkPorts', args);
  const words = scope.leftOut.length > 0 ? `${sentence} ${leftOutWords(scope.leftOut)}` : sentence;
  if (problems.length > 0 || tried === 0 || scope.leftOut.length > 0) showWarning(words, [again]);
  else showInfo(words);
  return report.checks;
}

/** Called without anything: which hosts, all of them ticked. */
async function completed(
  topology: Topology,
  args: CommandArguments['dockerOverlay.host.checkPorts'],
): Promise<CommandArguments['dockerOverlay.host.checkPorts']> {
  if (args.hosts !== undefined || args.clusterId !== undefined) return args;
  const hosts = await chooseHosts(topology, undefined, {
    title: 'Check Ports',
    placeholder: 'Between which hosts? One alone is tried against the others of its swarm',
    offer: ({ state }) => state.kind === 'ready',
    none: 'No host is connected.',
    remedy: 'Connect at least two first.',
    picked: true,
  });
  return { hosts: hosts.map(({ config }) => config.name) };
}
