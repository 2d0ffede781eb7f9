import { OverlayError } from '../../base/errors';
import type { CommandArguments, CommandId } from '../../contributions';
import { sshRoutes } from '../../model/host/host';

/** Whether a value can be used. A program may call a command with anything. */
type Check = (value: unknown) => boolean;

/** The members of each command's argument, and what each may be. */
type Checks = { readonly [Id in CommandId]: { readonly [Key in keyof CommandArguments[Id]]-?: Check } };

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const integer =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const recordOf =
  (check: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(check);
/** An object with these members and no others. @param needed the others may be left out */
const shape =
  (members: Readonly<Record<string, Check>>, ...needed: readonly string[]): Check =>
  (value) =>
    isRecord(value) &&
    needed.every((key) => value[key] !== undefined) &&
    Object.entries(value).every(([key, one]) => one === undefined || memberOf(members, key)?.(one) === true);

const texts = listOf(text);
const textRecord = recordOf(text);
const role = oneOf('worker', 'manager');
const transport = oneOf(...sshRoutes);
/** With more members, as commands give them: the result of one goes into the next. */
const containers = listOf((value) => isRecord(value) && text(value['host']) && text(value['containerId']));
const addresses = recordOf(shape({ advertise: text, listen: text, dataPath: text }));
const dataPathPort = integer(1024, 49151);

const hosts = { hosts: texts };
const cluster = { clusterId: text };
const nodes = { clusterId: text, nodeIds: texts, confirmed: flag };
const network = { clusterId: text, networkId: text };

const checks: Checks = {
  'dockerOverlay.host.add': {
    endpoints: listOf(shape({ name: text, endpoint: text, folder: text, transport: text }, 'endpoint')),
  },
  'dockerOverlay.host.edit': { host: text, entry: integer(0) },
  'dockerOverlay.host.remove': { ...hosts, entries: listOf(integer(0)), confirmed: flag },
  'dockerOverlay.host.connect': hosts,
  'dockerOverlay.host.disconnect': hosts,
  'dockerOverlay.host.test': { host: text, endpoint: text, transport },
  'dockerOverlay.host.checkPorts': { ...hosts, ...cluster },
  'dockerOverlay.host.openTerminal': { host: text },
  'dockerOverlay.host.setFolder': { ...hosts, folder: text },
  'dockerOverlay.folder.rename': { folder: text, name: text },
  'dockerOverlay.hosts.filter': { text },
  'dockerOverlay.hosts.clearFilter': {},
  'dockerOverlay.swarm.form': {
    ...hosts,
    managers: texts,
    advertise: textRecord,
    addresses,
    dataPathPort,
    addressPools: texts,
    subnetSize: integer(1, 30),
    autolock: flag,
    confirmed: flag,
  },
  'dockerOverlay.swarm.init': { host: text, advertiseAddress: text, dataPathPort },
  'dockerOverlay.swarm.join': { ...hosts, ...cluster, role, advertiseAddress: text },
  'dockerOverlay.swarm.leave': { ...hosts, confirmed: flag },
  'dockerOverlay.swarm.planManagers': nodes,
  'dockerOverlay.swarm.inspect': cluster,
  'dockerOverlay.swarm.copyJoinCommand': { ...cluster, role },
  'dockerOverlay.swarm.rotateJoinTokens': { ...cluster, worker: flag, manager: flag, confirmed: flag },
  'dockerOverlay.swarm.setAutolock': { ...cluster, on: flag },
  'dockerOverlay.swarm.showUnlockKey': { ...cluster, host: text, copy: flag },
  'dockerOverlay.swarm.rotateUnlockKey': { ...cluster, confirmed: flag },
  'dockerOverlay.swarm.rotateCa': { ...cluster, confirmed: flag },
  'dockerOverlay.swarm.unlock': hosts,
  'dockerOverlay.swarm.recover': { ...cluster, host: text, rejoin: texts, advertiseAddress: text, confirmed: flag },
  'dockerOverlay.node.promote': nodes,
  'dockerOverlay.node.demote': nodes,
  'dockerOverlay.node.setAvailability': { ...nodes, availability: oneOf('active', 'pause', 'drain') },
  'dockerOverlay.node.remove': nodes,
  'dockerOverlay.node.inspect': { ...cluster, nodeId: text },
  'dockerOverlay.node.editLabels': { ...cluster, nodeId: text, labels: textRecord },
  'dockerOverlay.node.removeGhosts': nodes,
  'dockerOverlay.network.create': {
    ...cluster,
    name: text,
    attachable: flag,
    encrypted: flag,
    internal: flag,
    ipv6: flag,
    subnet: text,
    gateway: text,
    subnets: listOf(shape({ subnet: text, gateway: text, ipRange: text }, 'subnet')),
    mtu: integer(576, 65535),
    labels: textRecord,
    options: textRecord,
    ingress: flag,
    confirmed: flag,
  },
  'dockerOverlay.network.inspect': network,
  'dockerOverlay.network.remove': { ...cluster, networkIds: texts, disconnect: flag, confirmed: flag },
  'dockerOverlay.network.prune': { ...cluster, networkIds: texts, confirmed: flag },
  'dockerOverlay.network.connectContainer': { ...network, containers, aliases: texts, ipv4: text, ipv6: text },
  'dockerOverlay.network.disconnectContainer': { ...network, containers, force: flag, confirmed: flag },
  'dockerOverlay.networks.showOthers': {},
  'dockerOverlay.networks.hideOthers': {},
  'dockerOverlay.testContainers.start': { ...network, ...hosts, names: textRecord, image: text },
  'dockerOverlay.testContainers.openShell': { containers },
  'dockerOverlay.testContainers.remove': { ...hosts, containers, all: flag, confirmed: flag },
  'dockerOverlay.verify.run': { ...network, ...hosts, pings: integer(1, 20) },
  'dockerOverlay.verify.cancel': { networkId: text },
  'dockerOverlay.verify.export': { networkId: text, format: oneOf('json', 'markdown', 'junit'), path: text },
  'dockerOverlay.verify.watch': { ...network, seconds: integer(5, 3600) },
  'dockerOverlay.verify.stopWatch': { networkId: text },
  'dockerOverlay.verify.proveEncryption': { ...network, ...hosts },
  'dockerOverlay.verify.twin': { ...network, ...hosts },
  'dockerOverlay.copyRemedy': { command: text },
  'dockerOverlay.copyAddress': { text },
  'dockerOverlay.operation.show': { operationId: text },
  'dockerOverlay.operation.cancel': { operationId: text },
  'dockerOverlay.operation.continue': { operationId: text },
  'dockerOverlay.operation.copyReport': { operationId: text },
  'dockerOverlay.operation.dismiss': { operationIds: texts },
  'dockerOverlay.operations.clear': {},
  'dockerOverlay.forgetSecrets': { all: flag, confirmed: flag },
  'dockerOverlay.refresh': {},
  'dockerOverlay.showLog': {},
};

/** Own members only: `constructor` is none. */
const memberOf = (members: Readonly<Record<string, Check>>, key: string): Check | undefined =>
  Object.hasOwn(members, key) ? members[key] : undefined;

/**
 * What a program calls a command with, once it has been looked at: a member that the command does not have is a mistake
 * that would otherwise do something else than was meant.
 *
 * @throws OverlayError `invalidArguments`
 */
export function checkArguments<Id extends CommandId>(id: Id, given: object): CommandArguments[Id] {
  for (const [key, value] of Object.entries(given)) {
    const check = memberOf(checks[id], key);
    if (!check) throw new OverlayError('invalidArguments', { message: `${id} has no "${key}"` });
    if (value !== undefined && !check(value))
      throw new OverlayError('invalidArguments', { message: `"${key}" has an unusable value` });
  }
  return given as CommandArguments[Id];
}
