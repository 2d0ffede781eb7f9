import { DisposableStore } from '../../../src/base/disposable';
import { silentLogger } from '../../../src/base/logger';
import type { Network } from '../../../src/model/engine/records';
import type { HelperTask } from '../../../src/probe/helperContainer';
import { newRunId } from '../../../src/probe/names';
import { checkPorts } from '../../../src/verify/ports/checkPorts';
import { proveEncryption } from '../../../src/verify/proof/proveEncryption';
import { readHost } from '../../../src/verify/facts/readHost';
import { runVerification } from '../../../src/verify/matrix/runVerification';
import { runTwin } from '../../../src/verify/twin/runTwin';
import type { VerifyRequest } from '../../../src/verify/verification';
import { helperImage } from '../../lab/image';
import { networkName, type TestWindow } from './testWindow';

const image = 'alpine:latest';
const logger = silentLogger;

/** Everything a window does with containers or networks that are there for a while only. */
export const windowTasks = {
  async verify(window: TestWindow, signal: AbortSignal) {
    const request: VerifyRequest = {
      ...shared(window),
      clusterId: window.cluster.id,
      network: networkOf(window),
      pings: 10,
    };
    return tracked(window, (onEvent) => runVerification(request, { signal, logger, onEvent }));
  },

  async read(window: TestWindow, signal: AbortSignal) {
    const { owner, hosts } = shared(window);
    const read = async (host: (typeof hosts)[number]) => {
      const task: HelperTask = { runId: newRunId(), owner, image, signal, logger };
      const inUse = window.runs.add([task.runId]);
      return readHost(host, task).finally(() => inUse.dispose());
    };
    return Promise.allSettled(hosts.map(read));
  },

  async ports(window: TestWindow, signal: AbortSignal) {
    const { owner, hosts } = shared(window);
    const runId = newRunId();
    const inUse = window.runs.add([runId]);
    const request = {
      hosts: hosts.map((host) => ({ ...host, manager: false, member: true })),
      dataPathPort: 4789,
      encrypted: false,
      image,
      owner,
      runId,
    };
    return checkPorts(request, { signal, logger }).finally(() => inUse.dispose());
  },

  async prove(window: TestWindow, signal: AbortSignal) {
    const request = {
      ...shared(window),
      clusterId: window.cluster.id,
      network: networkOf(window),
      pings: 5,
      helperImage,
    };
    return tracked(window, (onEvent) => proveEncryption(request, { signal, logger, onEvent }));
  },

  async twin(window: TestWindow, signal: AbortSignal) {
    const request = { ...shared(window), clusterId: window.cluster.id, pings: 3 };
    const subnets = ['198.18.1.0/24', '198.18.2.0/24'] as const;
    const [manager] = request.hosts.filter(({ host }) => window.cluster.managerHosts.includes(host));
    if (!manager) throw new Error('There is no manager.');
    return tracked(window, (onEvent) => runTwin({ ...request, manager, subnets }, { signal, logger, onEvent }));
  },
};

export type WindowTask = keyof typeof windowTasks;

const shared = (window: TestWindow) => ({ hosts: window.hosts(), image, owner: window.owner.label });

type TaskEvent = { readonly kind: string; readonly id?: string; readonly runIds?: readonly string[] };

/** Tells the reaper what is in use meanwhile, as the extension does. */
async function tracked<T>({ runs }: TestWindow, work: (onEvent: (event: TaskEvent) => void) => Promise<T>): Promise<T> {
  const inUse = new DisposableStore();
  try {
    return await work((event) => {
      if (event.kind === 'started') inUse.add(runs.add(event.runIds ?? [event.id ?? '']));
    });
  } finally {
    inUse.dispose();
  }
}

function networkOf(window: TestWindow): Network {
  const item = window.kit.network(networkName);
  if (!item) throw new Error(`There is no ${networkName}.`);
  return item.network;
}
