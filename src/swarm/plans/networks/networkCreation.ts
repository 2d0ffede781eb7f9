import { isOverlayError, OverlayError } from '../../../base/errors';
import type { NetworkCreateRequest } from '../../../engine/api';
import type { Network } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { type EngineOf, askManager } from '../../askManager';
import type { PlanTimes, StepContext } from '../plan';
import { isAnswerLost, waitUntil } from '../sendAndWait';
import { matchesRequest } from './matchesRequest';

/** The network of one plan: known by its id once it is made, whoever has what name meanwhile. */
export class NetworkCreation {
  /** Kept from one run of the step to the next. */
  private state:
    | { readonly kind: 'notAsked' }
    /** A create was sent whose answer never came. */
    | { readonly kind: 'asked'; readonly before: ReadonlySet<string> }
    | { readonly kind: 'made'; readonly id: string } = { kind: 'notAsked' };

  constructor(
    private readonly engineOf: EngineOf,
    readonly managers: readonly HostName[],
    readonly request: NetworkCreateRequest,
    readonly times: PlanTimes,
  ) {}

  get name(): string {
    return this.request.name;
  }

  isMade({ id }: Network): boolean {
    return this.state.kind === 'made' && this.state.id === id;
  }

  /** Looks for it. @throws networkNameTaken when another one has its name. */
  async find(context: StepContext): Promise<Network | undefined> {
    const named = (await this.list(context)).filter((network) => network.name === this.name);
    const { state } = this;
    if (state.kind === 'made') return named.find(({ id }) => id === state.id);
    if (state.kind === 'asked') {
      // Nobody has told its id: what has come since, and is as it was asked for, is it.
      const ours = named.find((network) => !state.before.has(network.id) && matchesRequest(network, this.request));
      if (ours) this.state = { kind: 'made', id: ours.id };
      if (ours) return ours;
    }
    if (named.length > 0) throw new OverlayError('networkNameTaken', { name: this.name });
    return undefined;
  }

  /** Asks the first manager that takes the request; when the answer is lost, looks instead of asking twice. */
  async create(context: StepContext): Promise<void> {
    const { signal } = context;
    const before = new Set((await this.list(context)).map(({ id }) => id));
    for (const [index, host] of this.managers.entries()) {
      const kept = this.state;
      try {
        const engine = this.engineOf(host);
        this.state = { kind: 'asked', before };
        this.state = { kind: 'made', id: await engine.networks.create(this.request, { signal }) };
        return;
      } catch (error) {
        if (isAnswerLost(error)) return this.confirm(context, error);
        this.state = kept;
        const isRefusedHere = isOverlayError(error, 'notConnected', 'notManager', 'notInSwarm', 'managerNotReady');
        if (!isRefusedHere || index === this.managers.length - 1) throw error;
      }
    }
  }

  private async confirm(context: StepContext, cause: OverlayError): Promise<void> {
    context.report('no answer: looking whether it was created');
    const { name, managers, times } = this;
    await waitUntil(
      context,
      { ms: times.reread, poll: times.poll },
      () => this.find(context),
      () => new OverlayError('createNotConfirmed', { host: managers[0], name }, { cause }),
    );
  }

  private list({ signal }: StepContext): Promise<Network[]> {
    return askManager(this.engineOf, this.managers, (engine) => engine.networks.list({ signal }));
  }
}
