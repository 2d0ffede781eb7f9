import type { Semaphore } from '../../base/concurrency';
import type { DisposableStore } from '../../base/disposable';
import { delay, throwIfAborted, unlessAborted } from '../../base/time';
import type { Connector } from '../../connection/connector';
import type { Transport } from '../../connection/transport';
import { stageWords, type StageReport } from '../../model/host/connectStage';
import type { HostConfig } from '../../model/host/host';

/**
 * A host that hangs gives its slot back after this time, ms, and goes on trying: it must not hold up others. Hosts that
 * did not answer before are likely to hang again; of 200 that are away, each tried once a minute, they take 4 of 16.
 */
const slotMs = 2_500;
const slotAgainMs = 1_000;

export interface LinkRequest {
  readonly config: HostConfig;
  readonly connector: Connector;
  /** Bounds how many hosts log in at once. */
  readonly slots: Semaphore;
  /** It may ask a person. */
  readonly interactive: boolean;
  /** It did not come up at the last try. */
  readonly hasFailed: boolean;
  readonly signal: AbortSignal;
  /** Owns the link; what comes up after the try was given up is disposed by it. */
  readonly store: DisposableStore;
  /** Told each stage as it begins. */
  readonly onStage: (words: string) => void;
}

/** Opens the link to a host when it is its turn. @throws OverlayError of `base/reasons/connection`, `cancelled`. */
export async function openLink(request: LinkRequest): Promise<Transport> {
  const { config, connector, slots, interactive, hasFailed, signal, store } = request;
  let opening: Promise<Transport> | undefined;
  const turn = slots.run(async () => {
    throwIfAborted(signal);
    const onStage = (report: StageReport) => {
      if (report.state === 'begun') request.onStage(stageWords(report));
    };
    opening = connector.connect(config, { signal, onStage, interactive }).then((transport) => store.add(transport));
    const pause = new AbortController();
    const slotIsOver = delay(hasFailed ? slotAgainMs : slotMs, AbortSignal.any([pause.signal, signal]));
    await Promise.race([opening.catch(() => undefined), slotIsOver.catch(() => undefined)]);
    pause.abort();
  }, interactive);
  await unlessAborted(turn, signal);
  const transport = await unlessAborted(opening as unknown as Promise<Transport>, signal);
  throwIfAborted(signal);
  return transport;
}
