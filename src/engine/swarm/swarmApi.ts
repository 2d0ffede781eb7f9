import { isOverlayError, OverlayError } from '../../base/errors';
import type { Client } from '../http/client';
import { Secret } from '../../base/text/redact';
import { count, notUnderstood, raw, text, textMap, type Raw } from '../decode/json';
import { decodeNode, decodeSwarmSpec, decodeTask, decodeTrust, decodeVersionedSpec } from '../decode/swarm';
import type {
  LabelChange,
  NodeUpdate,
  RequestOptions,
  SwarmApi,
  SwarmInitRequest,
  SwarmJoinRequest,
  SwarmUpdate,
} from '../api';
import { checkedNodeId, isSwarmId } from '../ids';

/** Attempts of a read-change-write before somebody else's changes are taken to be without end. */
const maxUpdates = 5;
const listenAnywhere = '0.0.0.0:2377';

/** `/swarm` and `/nodes` of the Engine API. */
export function swarmApi(client: Client): SwarmApi {
  return {
    init: (request, options) =>
      client.run({ action: 'swarm init', address: request.advertiseAddress }, options, async (routes) => {
        const id = text(await routes.swarmInit({ _body: initBody(request) }));
        if (!isSwarmId(id)) throw notUnderstood('the id of a node');
        return id;
      }),
    join: (request, options) =>
      client.run({ action: 'swarm join', address: request.remoteAddress }, options, async (routes) => {
        await routes.swarmJoin({ _body: joinBody(request) });
      }),
    leave: ({ force }, options) =>
      client.run({ action: 'swarm leave' }, options, async (routes) => {
        await routes.swarmLeave({ _query: { force: force ? '1' : undefined } });
      }),
    inspect: (options) =>
      client.run({ action: 'swarm inspect' }, options, async (routes) => decodeSwarmSpec(await routes.swarmInspect())),
    trust: (options) =>
      client.run({ action: 'swarm inspect' }, options, async (routes) => {
        const [swarm, nodes] = await Promise.all([routes.swarmInspect(), routes.listNodes()]);
        return decodeTrust(swarm, nodes, client.onLeftOut('a list of nodes'));
      }),
    update: (change, options) => repeated(() => updateSwarm(client, change, options)),
    unlockKey: (options) =>
      client.run({ action: 'swarm inspect' }, options, async (routes) => {
        const key = text(raw(await routes.swarmUnlockKey()).UnlockKey);
        return key === '' ? undefined : new Secret(key);
      }),
    unlock: (key, options) =>
      client.run({ action: 'swarm unlock' }, options, async (routes) => {
        await routes.swarmUnlock({ _body: { UnlockKey: key.reveal() } });
      }),
    nodes: (options) =>
      client.run({ action: 'node list' }, options, async (routes) =>
        client.decodeEach(await routes.listNodes(), 'a list of nodes', decodeNode),
      ),
    node: (id, options) =>
      client.run({ action: 'node inspect', name: id }, options, async (routes) =>
        decodeNode(await routes.getNode(checkedNodeId(id)).inspect()),
      ),
    tasks: (nodeId, options) =>
      client.run({ action: 'task list', name: nodeId }, options, async (routes) => {
        const filters = JSON.stringify({ node: [checkedNodeId(nodeId)] });
        const tasks = client.decodeEach(await routes.listTasks({ _query: { filters } }), 'a list of tasks', decodeTask);
        return tasks.filter((task) => task.nodeId === nodeId);
      }),
    updateNode: (id, update, options) => repeated(() => updateNode(client, id, update, options)),
    removeNode: (id, { force }, options) =>
      client.run({ action: 'node remove', name: id }, options, async (routes) => {
        await routes.getNode(checkedNodeId(id)).remove({ _query: { force: force ? '1' : undefined } });
      }),
  };
}

function initBody(request: SwarmInitRequest): object {
  return {
    ListenAddr: request.listenAddress ?? listenAnywhere,
    AdvertiseAddr: request.advertiseAddress,
    DataPathAddr: request.dataPathAddress,
    DataPathPort: request.dataPathPort,
    DefaultAddrPool: request.addressPools,
    SubnetSize: request.subnetSize,
    ForceNewCluster: request.forceNewCluster ?? false,
    Spec: { EncryptionConfig: { AutoLockManagers: request.autolock ?? false } },
  };
}

function joinBody(request: SwarmJoinRequest): object {
  return {
    ListenAddr: request.listenAddress ?? listenAnywhere,
    AdvertiseAddr: request.advertiseAddress,
    DataPathAddr: request.dataPathAddress,
    RemoteAddrs: [request.remoteAddress],
    JoinToken: request.token.reveal(),
  };
}

/** Read, change and write, again on fresh data when somebody else was faster. */
async function repeated(updateOnce: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await updateOnce();
      return;
    } catch (error) {
      if (!isOverlayError(error, 'nodeChanged') || attempt >= maxUpdates) throw error;
    }
  }
}

/** The engine replaces the whole spec: what is not named, fields unknown to us included, is sent back as it was. */
function updateNode(client: Client, id: string, update: NodeUpdate, options?: RequestOptions): Promise<void> {
  return client.run({ action: 'node update', name: id }, options, async (routes) => {
    const node = routes.getNode(checkedNodeId(id));
    const { version, spec } = decodeVersionedSpec(await node.inspect());
    if (version === 0) throw new OverlayError('engineError', { message: 'the node has no version' });
    await node.update({ _query: { version: String(version) }, _body: mergedSpec(spec, update) });
  });
}

/** The spec with the named parts replaced. */
export function mergedSpec(spec: Raw, update: NodeUpdate): Raw {
  return {
    ...spec,
    ...(update.role === undefined ? {} : { Role: update.role }),
    ...(update.availability === undefined ? {} : { Availability: update.availability }),
    ...(update.labels === undefined ? {} : { Labels: update.labels }),
    ...(update.labelChange === undefined ? {} : { Labels: mergedLabels(textMap(spec.Labels), update.labelChange) }),
  };
}

function mergedLabels(labels: Readonly<Record<string, string>>, { set, remove }: LabelChange): object {
  const kept = Object.entries(labels).filter(([key]) => !remove.includes(key));
  // Not by assignment: a label may be called `__proto__`.
  return Object.fromEntries([...kept, ...Object.entries(set)]);
}

function updateSwarm(client: Client, change: SwarmUpdate, options?: RequestOptions): Promise<void> {
  return client.run({ action: 'swarm update' }, options, async (routes) => {
    const { version, spec } = decodeVersionedSpec(await routes.swarmInspect());
    await routes.swarmUpdate({
      _query: {
        version: String(version),
        rotateWorkerToken: String(change.rotateWorkerToken ?? false),
        rotateManagerToken: String(change.rotateManagerToken ?? false),
        rotateManagerUnlockKey: String(change.rotateUnlockKey ?? false),
      },
      _body: changedSwarmSpec(spec, change),
    });
  });
}

/** The spec of a swarm with what was asked for; each rise of `ForceRotate` starts a rotation of its own. */
export function changedSwarmSpec(spec: Raw, { autolock, rotateCa }: SwarmUpdate): Raw {
  const authority = raw(spec.CAConfig);
  return {
    ...spec,
    ...(autolock === undefined
      ? {}
      : { EncryptionConfig: { ...raw(spec.EncryptionConfig), AutoLockManagers: autolock } }),
    ...(rotateCa ? { CAConfig: { ...authority, ForceRotate: count(authority.ForceRotate) + 1 } } : {}),
  };
}
