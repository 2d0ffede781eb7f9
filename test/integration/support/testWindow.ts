import { silentLogger } from '../../../src/base/logger';
import type { Engine } from '../../../src/engine/api';
import type { HostConfig } from '../../../src/model/host/host';
import type { Cluster } from '../../../src/model/swarm/topology';
import { ActiveRuns } from '../../../src/ui/activeRuns';
import { Leftovers } from '../../../src/ui/verification/leftovers';
import { verifyHosts } from '../../../src/ui/verification/verifyHosts';
import { WindowOwner } from '../../../src/ui/windowOwner';
import type { ConnectedHost } from '../../../src/probe/connectedHost';
import type { Lab, LabHost } from '../../lab/lab';
import { ConnectionKit } from './connectionKit';
import { SwarmKit } from './swarmKit';

/** The network that windows work in. */
export const networkName = 'law_net';

/** What an engine is just being asked for: the moments in which something may be left behind. */
export type Moment =
  /** A container was asked for, and nothing is known of it yet. */
  | 'creating'
  /** A container is there and does not run yet. */
  | 'created'
  /** A command runs in a container. */
  | 'running'
  /** A network is there. */
  | 'networkCreated';

/** How long after the request a moment is taken to have come, ms: an engine makes a container in some tens of them. */
const afterMs = { creating: 5, running: 40 } as const;

/** What a window of the extension is as far as containers go: its links, its name on them, and what it is using now. */
export class TestWindow {
  readonly runs = new ActiveRuns();
  /** The same machine in each process, as it is for the windows of one editor. */
  readonly owner = new WindowOwner('machine of the tests');
  readonly kit: SwarmKit;
  private readonly connections = new ConnectionKit();
  private readonly leftovers: Leftovers;
  private hear: (moment: Moment, host: string) => void = () => undefined;

  private constructor(lab: Lab, way: 'ssh' | 'socket') {
    this.kit = new SwarmKit(lab, way === 'ssh' ? { connector: this.connections.connector() } : {});
    if (way === 'ssh') this.kit.fleet.setHosts(lab.hosts.map(overSsh), []);
    this.leftovers = new Leftovers({
      fleet: this.kit.fleet,
      logger: silentLogger,
      owner: this.owner,
      runs: this.runs,
      times: { second: 2_000, pause: 4_000 },
    });
  }

  /** Connects to all hosts, which looks for what is left there. */
  static async open(lab: Lab, way: 'ssh' | 'socket'): Promise<TestWindow> {
    const window = new TestWindow(lab, way);
    await window.kit.connectAll();
    await window.kit.until('the swarm', ({ clusters }) => clusters[0]?.hosts.length === lab.hosts.length);
    await window.kit.until('its network', () => window.kit.network(networkName));
    return window;
  }

  /** Hears of what engines are asked for from now on. */
  on(hear: (moment: Moment, host: string) => void): void {
    this.hear = hear;
  }

  get cluster(): Cluster {
    return this.kit.cluster();
  }

  /** The hosts of the swarm as tasks take them. */
  hosts(): ConnectedHost[] {
    return verifyHosts(this.kit.fleet, this.cluster, undefined).map((one) => ({
      ...one,
      engine: this.noted(one.engine, one.host),
    }));
  }

  dispose(): void {
    this.leftovers.dispose();
    this.kit.dispose();
    this.connections.dispose();
  }

  private noted(engine: Engine, host: string): Engine {
    const { containers, networks } = engine;
    const tell = (moment: Moment) => this.hear(moment, host);
    const noted: Pick<Engine, 'containers' | 'networks'> = {
      containers: {
        ...containers,
        create: async (...args) => {
          const timer = setTimeout(() => tell('creating'), afterMs.creating);
          const id = await containers.create(...args).finally(() => clearTimeout(timer));
          tell('created');
          return id;
        },
        exec: async (...args) => {
          const timer = setTimeout(() => tell('running'), afterMs.running);
          return containers.exec(...args).finally(() => clearTimeout(timer));
        },
      },
      networks: {
        ...networks,
        create: async (...args) => {
          const id = await networks.create(...args);
          tell('networkCreated');
          return id;
        },
      },
    };
    return Object.assign(Object.create(engine) as Engine, noted);
  }
}

const overSsh = ({ name }: LabHost): HostConfig => ({
  name,
  endpoint: { kind: 'ssh', host: name, user: 'deploy' },
  endpointText: `ssh://deploy@${name}`,
});
