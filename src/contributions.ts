/**
 * Ids of everything package.json contributes, written once; `test/unit/contributions.test.ts` holds package.json
 * against this file. Each command names the type of its one argument object (all members optional: the command asks
 * for what is missing).
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

/** Argument types by command id. */
export interface CommandArguments {
  'dockerOverlay.host.add': {
    endpoints?: readonly { name?: string; endpoint: string; folder?: string; transport?: string }[];
  };
  /** `entry`: position in the setting's list, for entries that cannot be used. */
  'dockerOverlay.host.edit': { host?: string; entry?: number };
  'dockerOverlay.host.remove': { hosts?: readonly string[]; entries?: readonly number[]; confirmed?: boolean };
  'dockerOverlay.host.connect': { hosts?: readonly string[] };
  'dockerOverlay.host.disconnect': { hosts?: readonly string[] };
  /** A configured host, or an endpoint that need not be configured. */
  'dockerOverlay.host.test': { host?: string; endpoint?: string; transport?: string };
  /** The ways between these hosts, or between them and all others of their swarm when there is one only. */
  'dockerOverlay.host.checkPorts': { hosts?: readonly string[]; clusterId?: string };
  'dockerOverlay.host.openTerminal': { host?: string };
  /** `folder`: empty for none. */
  'dockerOverlay.host.setFolder': { hosts?: readonly string[]; folder?: string };
  'dockerOverlay.folder.rename': { folder?: string; name?: string };
  'dockerOverlay.hosts.filter': { text?: string };
  'dockerOverlay.hosts.clearFilter': Record<string, never>;
  'dockerOverlay.swarm.form': {
    hosts?: readonly string[];
    managers?: readonly string[];
    /** Advertised address by host; short for `addresses`. */
    advertise?: Readonly<Record<string, string>>;
    addresses?: Readonly<Record<string, HostAddresses>>;
    dataPathPort?: number;
    /** CIDRs the subnets of networks are taken from. */
    addressPools?: readonly string[];
    /** Prefix length of those subnets. */
    subnetSize?: number;
    autolock?: boolean;
    confirmed?: boolean;
  };
  'dockerOverlay.swarm.init': { host?: string; advertiseAddress?: string; dataPathPort?: number };
  'dockerOverlay.swarm.join': {
    hosts?: readonly string[];
    clusterId?: string;
    role?: 'worker' | 'manager';
    advertiseAddress?: string;
  };
  'dockerOverlay.swarm.leave': { hosts?: readonly string[]; confirmed?: boolean };
  /** `nodeIds`: exactly those that are to be managers. */
  'dockerOverlay.swarm.planManagers': { clusterId?: string; nodeIds?: readonly string[]; confirmed?: boolean };
  'dockerOverlay.swarm.inspect': { clusterId?: string };
  'dockerOverlay.swarm.copyJoinCommand': { clusterId?: string; role?: 'worker' | 'manager' };
  'dockerOverlay.swarm.rotateJoinTokens': {
    clusterId?: string;
    worker?: boolean;
    manager?: boolean;
    confirmed?: boolean;
  };
  'dockerOverlay.swarm.setAutolock': { clusterId?: string; on?: boolean };
  /** `host`: a locked manager, which cannot say what swarm it is of; `copy`: into the clipboard, without showing it. */
  'dockerOverlay.swarm.showUnlockKey': { clusterId?: string; host?: string; copy?: boolean };
  'dockerOverlay.swarm.rotateUnlockKey': { clusterId?: string; confirmed?: boolean };
  'dockerOverlay.swarm.rotateCa': { clusterId?: string; confirmed?: boolean };
  'dockerOverlay.swarm.unlock': { hosts?: readonly string[] };
  /** `host`: the manager that makes the new majority; `rejoin`: hosts that join it again afterwards. */
  'dockerOverlay.swarm.recover': {
    clusterId?: string;
    host?: string;
    rejoin?: readonly string[];
    advertiseAddress?: string;
    confirmed?: boolean;
  };
  'dockerOverlay.node.promote': { clusterId?: string; nodeIds?: readonly string[]; confirmed?: boolean };
  'dockerOverlay.node.demote': { clusterId?: string; nodeIds?: readonly string[]; confirmed?: boolean };
  'dockerOverlay.node.setAvailability': {
    clusterId?: string;
    nodeIds?: readonly string[];
    availability?: 'active' | 'pause' | 'drain';
    confirmed?: boolean;
  };
  'dockerOverlay.node.remove': { clusterId?: string; nodeIds?: readonly string[]; confirmed?: boolean };
  'dockerOverlay.node.inspect': { clusterId?: string; nodeId?: string };
  /** `labels`: all labels it is to have. */
  'dockerOverlay.node.editLabels': { clusterId?: string; nodeId?: string; labels?: Readonly<Record<string, string>> };
  'dockerOverlay.node.removeGhosts': { clusterId?: string; nodeIds?: readonly string[]; confirmed?: boolean };
  'dockerOverlay.network.create': {
    clusterId?: string;
    name?: string;
    attachable?: boolean;
    encrypted?: boolean;
    internal?: boolean;
    ipv6?: boolean;
    /** Short for one entry of `subnets`. */
    subnet?: string;
    gateway?: string;
    subnets?: readonly SubnetArgument[];
    /** MTU of the network between the hosts; containers get 50 less, 76 less when encrypted, in steps of 4. */
    mtu?: number;
    labels?: Readonly<Record<string, string>>;
    /** Driver options besides `encrypted` and the MTU. */
    options?: Readonly<Record<string, string>>;
    /** Replaces the swarm's routing mesh: it is removed first. */
    ingress?: boolean;
    confirmed?: boolean;
  };
  'dockerOverlay.network.inspect': { clusterId?: string; networkId?: string };
  /** `disconnect`: containers that hang on it are disconnected first, without asking. */
  'dockerOverlay.network.remove': {
    clusterId?: string;
    networkIds?: readonly string[];
    disconnect?: boolean;
    confirmed?: boolean;
  };
  /** `networkIds`: which of the unused ones; all when confirmed without. */
  'dockerOverlay.network.prune': { clusterId?: string; networkIds?: readonly string[]; confirmed?: boolean };
  'dockerOverlay.network.connectContainer': {
    clusterId?: string;
    networkId?: string;
    containers?: readonly ContainerOnHost[];
    aliases?: readonly string[];
    /** Fixed addresses, for a single container. */
    ipv4?: string;
    ipv6?: string;
  };
  'dockerOverlay.network.disconnectContainer': {
    clusterId?: string;
    networkId?: string;
    containers?: readonly ContainerOnHost[];
    force?: boolean;
    confirmed?: boolean;
  };
  'dockerOverlay.networks.showOthers': Record<string, never>;
  'dockerOverlay.networks.hideOthers': Record<string, never>;
  /** `names`: container name by host. */
  'dockerOverlay.testContainers.start': {
    clusterId?: string;
    networkId?: string;
    hosts?: readonly string[];
    names?: Readonly<Record<string, string>>;
    image?: string;
  };
  'dockerOverlay.testContainers.openShell': { containers?: readonly ContainerOnHost[] };
  /** `all`: of all connected hosts. */
  'dockerOverlay.testContainers.remove': {
    containers?: readonly ContainerOnHost[];
    hosts?: readonly string[];
    all?: boolean;
    confirmed?: boolean;
  };
  'dockerOverlay.verify.run': { clusterId?: string; networkId?: string; hosts?: readonly string[]; pings?: number };
  'dockerOverlay.verify.cancel': { networkId?: string };
  'dockerOverlay.verify.export': { networkId?: string; format?: 'json' | 'markdown' | 'junit'; path?: string };
  /** Verifies again and again until stopped or the panel is closed. */
  'dockerOverlay.verify.watch': { clusterId?: string; networkId?: string; seconds?: number };
  'dockerOverlay.verify.stopWatch': { networkId?: string };
  'dockerOverlay.verify.proveEncryption': { clusterId?: string; networkId?: string; hosts?: readonly string[] };
  /** Two temporary networks on the same hosts, one encrypted, verified side by side. */
  'dockerOverlay.verify.twin': { clusterId?: string; networkId?: string; hosts?: readonly string[] };
  'dockerOverlay.copyRemedy': { command?: string };
  'dockerOverlay.copyAddress': { text?: string };
  'dockerOverlay.operation.show': { operationId?: string };
  'dockerOverlay.operation.cancel': { operationId?: string };
  'dockerOverlay.operation.continue': { operationId?: string };
  'dockerOverlay.operation.copyReport': { operationId?: string };
  'dockerOverlay.operation.dismiss': { operationIds?: readonly string[] };
  'dockerOverlay.operations.clear': Record<string, never>;
  /** `all`: all of them, also what lets locked managers start. */
  'dockerOverlay.forgetSecrets': { all?: boolean; confirmed?: boolean };
  'dockerOverlay.refresh': Record<string, never>;
  'dockerOverlay.showLog': Record<string, never>;
}

export type CommandId = keyof CommandArguments;
