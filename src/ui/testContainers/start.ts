import type { CommandArguments } from '../../contributions';
import { OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import { labels } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { ClusterNetwork } from '../../model/swarm/topology';
import type { Fleet } from '../../swarm/fleet';
import { judgeName, proposeNames } from '../../probe/testContainers/names';
import type { StartedTestContainer } from '../../probe/testContainers/startOne';
import { dockerRunLine, planStartTestContainers, type StartPlan } from '../../probe/testContainers/startPlan';
import { chooseNetwork, noNetworks } from '../networks/chooseNetworks';
import { findCluster } from '../command/find';
import { hostItem } from '../hosts/chooseHosts';
import { commandButton, showInfo } from '../vscode/messages';
import type { PlanRunner } from '../operations/planRunner';
import { askContainerNames, type ContainerNames, type JudgeName } from './askNames';
import { back, type StepPlace } from '../vscode/ask';
import { pickMany } from '../quickPick/pick';
import { previewPlan } from '../quickPick/preview';
import { runSteps, WentBack } from '../quickPick/steps';
import { readVerifySettings } from '../vscode/settings';
import { count } from '../../base/text/words';

type StartArguments = CommandArguments['dockerOverlay.testContainers.start'];

const title = 'Start Test Containers';

/** What a person chooses, with what is known of it. */
interface StartChoice {
  readonly hosts: readonly HostName[];
  readonly names: ContainerNames;
}

/**
 * Starts a test container on each of the hosts. With network and hosts (or names by host) given, nothing is asked.
 *
 * @returns what runs. @throws OverlayError of what was not started, naming what was.
 */
export async function startTestContainers(
  fleet: Fleet,
  runner: PlanRunner,
  logger: Logger,
  args: StartArguments,
): Promise<readonly StartedTestContainer[]> {
  const item = await chooseNetwork(fleet.topology, args.networkId, {
    title,
    placeholder: 'In which network?',
    offer: ({ network, clusterId }) =>
      network.attachable && !network.ingress && (args.clusterId === undefined || clusterId === args.clusterId),
    ...noNetworks,
  });
  // Names are judged by what is there now, also by what was started this very moment.
  await fleet.refresh(connectedHosts(fleet, item));
  const question = new StartQuestion(fleet, item, args.image ?? readVerifySettings().image, logger);
  const hosts = args.hosts ?? (args.names && Object.keys(args.names));
  const choice =
    args.networkId !== undefined && hosts
      ? { hosts, names: question.names(hosts, args.names) }
      : await question.ask(hosts, args.names);
  const plan = question.plan(choice);
  await runner.finish(plan, { running: `${title} in ${item.network.name}`, done: 'done' });
  tellStarted(plan.started(), item);
  return plan.started();
}

/** Connected hosts of the network's swarm, in their order in the settings. */
function connectedHosts({ topology }: Fleet, { clusterId }: ClusterNetwork): readonly HostName[] {
  const { hosts } = findCluster(topology, clusterId);
  return topology.hosts.flatMap(({ config, state }) =>
    state.kind === 'ready' && hosts.includes(config.name) ? [config.name] : [],
  );
}

function tellStarted(started: readonly StartedTestContainer[], { network }: ClusterNetwork): void {
  const containers = started.map(({ host, containerId }) => ({ host, containerId }));
  const label = started.length === 1 ? 'Open Shell' : 'Open Shells';
  showInfo(
    `${count(started.length, 'test container')} in ${network.name}: ${started.map((one) => one.name).join(', ')}.`,
    [commandButton(label, 'dockerOverlay.testContainers.openShell', { containers })],
  );
}

/** The questions about one network: which hosts, under which names, and the preview. */
class StartQuestion {
  constructor(
    private readonly fleet: Fleet,
    private readonly item: ClusterNetwork,
    private readonly image: string,
    private readonly logger: Logger,
  ) {}

  /** Proposed names, and in their place those that were given. */
  names(hosts: readonly HostName[], given: Readonly<Record<HostName, string>> = {}): ContainerNames {
    const proposed = proposeNames(this.fleet.topology, this.item, hosts, this.image);
    return new Map(hosts.map((host) => [host, given[host] ?? proposed.get(host) ?? '']));
  }

  plan({ hosts, names }: StartChoice): StartPlan {
    return planStartTestContainers(
      this.fleet.topology,
      (host) => this.fleet.engine(host),
      {
        clusterId: this.item.clusterId,
        networkId: this.item.network.id,
        image: this.image,
        containers: hosts.map((host) => ({ host, name: names.get(host) ?? '' })),
      },
      this.logger,
    );
  }

  async ask(hosts: readonly HostName[] | undefined, given: StartArguments['names']): Promise<StartChoice> {
    const all = connectedHosts(this.fleet, this.item);
    if (all.length === 0)
      throw new OverlayError('nothingToChoose', {
        message: 'No host of this swarm is connected.',
        remedy: 'Connect one first.',
      });
    const first = hosts ?? all;
    return runSteps<StartChoice>({ hosts: first, names: this.names(first, given) }, [
      { when: () => hosts === undefined && all.length > 1, ask: (choice, place) => this.askHosts(all, choice, place) },
      {
        ask: async (choice, place) => {
          const names = await askContainerNames(choice.names, this.judge, place);
          return names instanceof WentBack ? new WentBack({ ...choice, names: names.state }) : { ...choice, names };
        },
      },
      { ask: (choice, place) => this.preview(choice, place) },
    ]);
  }

  private readonly judge: JudgeName = (names, host) => {
    const containers = [...names].map(([one, name]) => ({ host: one, name }));
    return judgeName(this.fleet.topology, { ...this.item, containers }, host);
  };

  private async askHosts(all: readonly HostName[], choice: StartChoice, place: StepPlace) {
    const views = this.fleet.topology.hosts.filter((host) => all.includes(host.config.name));
    const ticked = await pickMany({
      title: `${title} in ${this.item.network.name}`,
      placeholder: 'On which hosts? One on each',
      items: views.map((host) => ({ ...hostItem(host), picked: choice.hosts.includes(host.config.name) })),
      place,
      validate: (chosen) => (chosen.length === 0 ? 'Tick at least one host' : undefined),
    });
    if (ticked === back) return back;
    const hosts = ticked.map((host) => host.config.name);
    // Names that were changed before stay.
    const kept = Object.fromEntries([...choice.names].filter(([host]) => choice.hosts.includes(host)));
    const isSame = hosts.every((host) => host in kept);
    return { hosts, names: isSame ? this.names(hosts, kept) : this.names(hosts) };
  }

  private async preview(choice: StartChoice, place: StepPlace): Promise<StartChoice | typeof back> {
    const rows = choice.hosts.map((host) => ({
      label: dockerRunLine(choice.names.get(host) ?? '', this.item.network, this.image, labels.testContainer),
      description: `on ${host}`,
      icon: 'terminal',
    }));
    const button = `Start ${count(choice.hosts.length, 'Test Container')}`;
    const sections = [{ title: 'The same by hand', rows }];
    const answer = await previewPlan(this.plan(choice), button, { place, sections });
    return answer === undefined ? choice : back;
  }
}
