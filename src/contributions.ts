import { commandText, dictionary, exactRecord, flag, integer, list, oneOf, optional, record, text } from './base/check';
import { command, type ArgumentsOf } from './base/command';
import { sshTransports } from './model/host/host';

/**
 * Everything package.json contributes, written once; `test/unit/contributions.test.ts` holds package.json against this
 * file.
 */

export const views = {
  hosts: 'dockerOverlay.hosts',
  swarm: 'dockerOverlay.swarm',
  networks: 'dockerOverlay.networks',
  operations: 'dockerOverlay.operations',
} as const;

export const viewContainer = 'dockerOverlay';

/** Getting-started walkthrough, opened by the welcome view; its steps in the order of the story. */
export const walkthrough = { id: 'start', steps: ['addHosts', 'formSwarm', 'createNetwork', 'verify'] } as const;

/** Type of the matrix panel, for its serializer. */
export const matrixPanelType = 'dockerOverlay.matrix';

export const settings = {
  hosts: 'dockerOverlay.hosts',
  sshConfigFile: 'dockerOverlay.ssh.configFile',
  sshProgram: 'dockerOverlay.ssh.program',
  sshTransport: 'dockerOverlay.ssh.transport',
  connectOnStartup: 'dockerOverlay.connectOnStartup',
  verifyImage: 'dockerOverlay.verify.image',
  verifyPings: 'dockerOverlay.verify.pings',
  helperImage: 'dockerOverlay.verify.helperImage',
  watchSeconds: 'dockerOverlay.verify.watchSeconds',
} as const;

export const contextKeys = {
  /** At least one host is configured. */
  hasHosts: 'dockerOverlay.hasHosts',
  /** At least one host is connected. */
  hasConnectedHosts: 'dockerOverlay.hasConnectedHosts',
  /** Connected hosts that are in no swarm. */
  hasFreeHosts: 'dockerOverlay.hasFreeHosts',
  hasCluster: 'dockerOverlay.hasCluster',
  /** A cluster with an overlay network besides ingress. */
  hasOverlayNetwork: 'dockerOverlay.hasOverlayNetwork',
  verifying: 'dockerOverlay.verifying',
  /** The Hosts view shows only some of its hosts. */
  hostsFiltered: 'dockerOverlay.hostsFiltered',
  /** A connected host is a manager that waits for the unlock key. */
  hasLockedHosts: 'dockerOverlay.hasLockedHosts',
  /** A swarm whose connected manager says that the majority is lost. */
  majorityLost: 'dockerOverlay.majorityLost',
  /** Something of several steps runs or has run. */
  hasOperations: 'dockerOverlay.hasOperations',
  operationRunning: 'dockerOverlay.operationRunning',
  /** An operation that has ended with something left to do. */
  operationUnfinished: 'dockerOverlay.operationUnfinished',
  /** The Networks view shows networks of other drivers too. */
  otherDriversShown: 'dockerOverlay.otherDriversShown',
  /** A connected host has test containers that a person started. */
  hasTestContainers: 'dockerOverlay.hasTestContainers',
  watching: 'dockerOverlay.watching',
} as const;

/** A container, and the host it runs on. */
export interface ContainerOnHost {
  readonly host: string;
  readonly containerId: string;
}

/** A subnet of a network to create. */
export interface SubnetArgument {
  /** CIDR */
  readonly subnet: string;
  readonly gateway?: string;
  /** CIDR within the subnet that addresses of containers are taken from. */
  readonly ipRange?: string;
}

/** Addresses of a host that is to be in a swarm; what is left out Docker chooses. */
export interface HostAddresses {
  readonly advertise?: string;
  readonly listen?: string;
  readonly dataPath?: string;
}

/** More than anybody has of anything. */
const most = 10_000;
const texts = list(text, most);
const position = integer(0);
const role = oneOf('worker', 'manager');
const transport = oneOf(...sshTransports);
const dataPathPort = integer(1024, 49151);
/** With more members, as commands give them: the result of one goes into the next. */
const containers = list(record<ContainerOnHost>({ host: text, containerId: text }), most);
const endpoint = exactRecord<{ name?: string; endpoint: string; folder?: string; transport?: string }>({
  name: optional(text),
  endpoint: text,
  folder: optional(text),
  transport: optional(text),
});
const addresses = exactRecord<HostAddresses>({
  advertise: optional(text),
  listen: optional(text),
  dataPath: optional(text),
});
const subnet = exactRecord<SubnetArgument>({ subnet: text, gateway: optional(text), ipRange: optional(text) });

const hosts = { hosts: texts };
const cluster = { clusterId: text };
const nodes = { ...cluster, nodeIds: texts, confirmed: flag };
const network = { ...cluster, networkId: text };
const operation = { operationId: text };

const ofHosts = { tree: ['hosts'], many: true } as const;
const ofCluster = { tree: ['clusterId'] } as const;
const ofNodes = { tree: ['clusterId', 'nodeIds'], many: true } as const;
const ofNetwork = { tree: ['clusterId', 'networkId'] } as const;
const ofOperation = { tree: ['operationId'] } as const;
const ofContainers = { tree: ['clusterId', 'networkId', 'containers'], many: true } as const;

/**
 * The commands: what each may be called with, and what of it comes from the trees. What they are given is bounded: a text
 * has at most 20,000 characters (a command to copy 200,000), a list 10,000 entries.
 */
export const commands = {
  'dockerOverlay.host.add': command({ endpoints: list(endpoint, most) }),
  /** `entry`: position in the setting's list, for entries that cannot be used. */
  'dockerOverlay.host.edit': command({ host: text, entry: position }, { tree: ['host', 'entry'] }),
  'dockerOverlay.host.remove': command(
    { ...hosts, entries: list(position, most), confirmed: flag },
    { tree: ['hosts', 'entries'], many: true },
  ),
  'dockerOverlay.host.connect': command(hosts, ofHosts),
  'dockerOverlay.host.disconnect': command(hosts, ofHosts),
  /** A configured host, or an endpoint that need not be configured. */
  'dockerOverlay.host.test': command({ host: text, endpoint: text, transport }, { tree: ['host'] }),
  /** The ways between these hosts, or between them and all others of their swarm when there is one only. */
  'dockerOverlay.host.checkPorts': command({ ...hosts, ...cluster }, { tree: ['hosts', 'clusterId'], many: true }),
  'dockerOverlay.host.openTerminal': command({ host: text }, { tree: ['host'] }),
  /** `folder`: empty for none. */
  'dockerOverlay.host.setFolder': command({ ...hosts, folder: text }, ofHosts),
  'dockerOverlay.folder.rename': command({ folder: text, name: text }, { tree: ['folder'] }),
  'dockerOverlay.hosts.filter': command({ text }),
  'dockerOverlay.hosts.clearFilter': command({}),
  'dockerOverlay.swarm.form': command(
    {
      ...hosts,
      managers: texts,
      /** Advertised address by host; short for `addresses`. */
      advertise: dictionary(text),
      addresses: dictionary(addresses),
      dataPathPort,
      /** CIDRs the subnets of networks are taken from. */
      addressPools: texts,
      /** Prefix length of those subnets. */
      subnetSize: integer(1, 30),
      autolock: flag,
      confirmed: flag,
    },
    ofHosts,
  ),
  'dockerOverlay.swarm.init': command({ host: text, advertiseAddress: text, dataPathPort }, { tree: ['host'] }),
  'dockerOverlay.swarm.join': command(
    { ...hosts, ...cluster, role, advertiseAddress: text },
    { tree: ['hosts', 'clusterId'], many: true },
  ),
  'dockerOverlay.swarm.leave': command({ ...hosts, confirmed: flag }, ofHosts),
  /** `nodeIds`: exactly those that are to be managers. */
  'dockerOverlay.swarm.planManagers': command(nodes, ofCluster),
  'dockerOverlay.swarm.inspect': command(cluster, ofCluster),
  'dockerOverlay.swarm.copyJoinCommand': command({ ...cluster, role }, ofCluster),
  'dockerOverlay.swarm.rotateJoinTokens': command(
    { ...cluster, worker: flag, manager: flag, confirmed: flag },
    ofCluster,
  ),
  'dockerOverlay.swarm.setAutolock': command({ ...cluster, on: flag }, ofCluster),
  /** `host`: a locked manager, which cannot say what swarm it is of; `copy`: into the clipboard, without showing it. */
  'dockerOverlay.swarm.showUnlockKey': command({ ...cluster, host: text, copy: flag }, { tree: ['clusterId', 'host'] }),
  'dockerOverlay.swarm.rotateUnlockKey': command({ ...cluster, confirmed: flag }, ofCluster),
  'dockerOverlay.swarm.rotateCa': command({ ...cluster, confirmed: flag }, ofCluster),
  'dockerOverlay.swarm.unlock': command(hosts, ofHosts),
  /** `host`: the manager that makes the new majority; `rejoin`: hosts that join it again afterwards. */
  'dockerOverlay.swarm.recover': command(
    { ...cluster, host: text, rejoin: texts, advertiseAddress: text, confirmed: flag },
    ofCluster,
  ),
  'dockerOverlay.node.promote': command(nodes, ofNodes),
  'dockerOverlay.node.demote': command(nodes, ofNodes),
  'dockerOverlay.node.setAvailability': command({ ...nodes, availability: oneOf('active', 'pause', 'drain') }, ofNodes),
  'dockerOverlay.node.remove': command(nodes, ofNodes),
  'dockerOverlay.node.inspect': command({ ...cluster, nodeId: text }, { tree: ['clusterId', 'nodeId'] }),
  /** `labels`: all labels it is to have. */
  'dockerOverlay.node.editLabels': command(
    { ...cluster, nodeId: text, labels: dictionary(text) },
    { tree: ['clusterId', 'nodeId'] },
  ),
  'dockerOverlay.node.removeGhosts': command(nodes, ofNodes),
  'dockerOverlay.network.create': command(
    {
      ...cluster,
      name: text,
      attachable: flag,
      encrypted: flag,
      internal: flag,
      ipv6: flag,
      /** Short for one entry of `subnets`. */
      subnet: text,
      gateway: text,
      subnets: list(subnet, most),
      /** MTU of the network between the hosts; containers get 50 less, 76 less when encrypted, in steps of 4. */
      mtu: integer(576, 65535),
      labels: dictionary(text),
      /** Driver options besides `encrypted` and the MTU. */
      options: dictionary(text),
      /** Replaces the swarm's routing mesh: it is removed first. */
      ingress: flag,
      confirmed: flag,
    },
    ofCluster,
  ),
  'dockerOverlay.network.inspect': command(network, ofNetwork),
  /** `disconnect`: containers that hang on it are disconnected first, without asking. */
  'dockerOverlay.network.remove': command(
    { ...cluster, networkIds: texts, disconnect: flag, confirmed: flag },
    { tree: ['clusterId', 'networkIds'], many: true },
  ),
  /** `networkIds`: which of the unused ones; all when confirmed without. */
  'dockerOverlay.network.prune': command({ ...cluster, networkIds: texts, confirmed: flag }, ofCluster),
  /** `ipv4`, `ipv6`: fixed addresses, for a single container. */
  'dockerOverlay.network.connectContainer': command(
    { ...network, containers, aliases: texts, ipv4: text, ipv6: text },
    ofContainers,
  ),
  'dockerOverlay.network.disconnectContainer': command(
    { ...network, containers, force: flag, confirmed: flag },
    ofContainers,
  ),
  'dockerOverlay.networks.showOthers': command({}),
  'dockerOverlay.networks.hideOthers': command({}),
  /** `names`: container name by host. */
  'dockerOverlay.testContainers.start': command(
    { ...network, ...hosts, names: dictionary(text), image: text },
    { tree: ['clusterId', 'networkId', 'hosts'], many: true },
  ),
  'dockerOverlay.testContainers.openShell': command({ containers }, { tree: ['containers'], many: true }),
  /** `all`: of all connected hosts. */
  'dockerOverlay.testContainers.remove': command(
    { ...hosts, containers, all: flag, confirmed: flag },
    { tree: ['containers', 'hosts'], many: true },
  ),
  'dockerOverlay.verify.run': command({ ...network, ...hosts, pings: integer(1, 20) }, ofNetwork),
  'dockerOverlay.verify.cancel': command({ networkId: text }, { tree: ['networkId'] }),
  'dockerOverlay.verify.export': command(
    { networkId: text, format: oneOf('json', 'markdown', 'junit'), path: text },
    { tree: ['networkId'] },
  ),
  /** Verifies again and again until stopped or the panel is closed. */
  'dockerOverlay.verify.watch': command({ ...network, seconds: integer(5, 3600) }, ofNetwork),
  'dockerOverlay.verify.stopWatch': command({ networkId: text }, { tree: ['networkId'] }),
  'dockerOverlay.verify.proveEncryption': command({ ...network, ...hosts }, ofNetwork),
  /** Two temporary networks on the same hosts, one encrypted, verified side by side. */
  'dockerOverlay.verify.twin': command({ ...network, ...hosts }, ofNetwork),
  'dockerOverlay.copyRemedy': command({ command: commandText }, { tree: ['command'] }),
  'dockerOverlay.copyAddress': command({ text }, { tree: ['text'], many: true }),
  'dockerOverlay.operation.show': command(operation, ofOperation),
  'dockerOverlay.operation.cancel': command(operation, ofOperation),
  'dockerOverlay.operation.continue': command(operation, ofOperation),
  'dockerOverlay.operation.copyReport': command(operation, ofOperation),
  'dockerOverlay.operation.dismiss': command({ operationIds: texts }, { tree: ['operationIds'], many: true }),
  'dockerOverlay.operations.clear': command({}),
  /** `all`: all of them, also what lets locked managers start. */
  'dockerOverlay.forgetSecrets': command({ all: flag, confirmed: flag }),
  'dockerOverlay.refresh': command({}),
  'dockerOverlay.showLog': command({}),
};

export type CommandId = keyof typeof commands;

/** Argument types by command id. */
export type CommandArguments = { readonly [Id in CommandId]: ArgumentsOf<(typeof commands)[Id]> };

/** Every command id, for registering. */
export const commandIds = Object.keys(commands) as CommandId[];
