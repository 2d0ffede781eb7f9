import { OverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import type { NetworkCreateRequest } from '../../../engine/api';
import { mtuOption } from '../../../model/network/overlayOptions';
import type { Subnet } from '../../../model/engine/records';
import type { NetworkToggle } from './networkToggles';

export type CreateArguments = CommandArguments['dockerOverlay.network.create'];

/** What a person has chosen of a new network. */
export interface NetworkForm {
  readonly name: string;
  readonly toggles: readonly NetworkToggle[];
  readonly subnets: readonly Subnet[];
  /** Of the network between the hosts, bytes; Docker's own 1500 when not given. */
  readonly mtu?: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Driver options besides `encrypted` and the MTU. */
  readonly options: Readonly<Record<string, string>>;
  readonly ingress: boolean;
}

/**
 * With a name given nothing is asked: what is left out is as in the dialog, attachable and nothing else.
 *
 * @throws invalidArguments
 */
export function formOf(args: CreateArguments, name: string): NetworkForm {
  const ingress = args.ingress ?? false;
  const toggles: NetworkToggle[] = [];
  // The routing mesh can never be attachable.
  if (args.attachable ?? !ingress) toggles.push('attachable');
  for (const toggle of ['encrypted', 'internal', 'ipv6'] as const) if (args[toggle]) toggles.push(toggle);
  return {
    name,
    toggles,
    subnets: subnetsOf(args),
    ...(args.mtu === undefined ? {} : { mtu: args.mtu }),
    labels: args.labels ?? {},
    options: args.options ?? {},
    ingress,
  };
}

function subnetsOf({ subnet, gateway, subnets = [] }: CreateArguments): readonly Subnet[] {
  if (!subnet) {
    if (gateway) throw new OverlayError('invalidArguments', { message: '"gateway" goes with "subnet"' });
    return subnets;
  }
  return [{ subnet, ...(gateway ? { gateway } : {}) }, ...subnets];
}

/** What is asked of the engine. An empty text stands for what Docker chooses. */
export function requestOf(form: NetworkForm): NetworkCreateRequest {
  const has = (toggle: NetworkToggle) => form.toggles.includes(toggle);
  const options = { ...form.options, ...(form.mtu === undefined ? {} : { [mtuOption]: String(form.mtu) }) };
  return {
    name: form.name.trim(),
    driver: 'overlay',
    attachable: has('attachable') && !isForced(form),
    encrypted: has('encrypted'),
    internal: has('internal'),
    ipv6: has('ipv6'),
    ...(form.ingress ? { ingress: true } : {}),
    subnets: form.subnets.map(({ subnet, gateway, ipRange }) => ({
      subnet,
      ...(gateway ? { gateway } : {}),
      ...(ipRange ? { ipRange } : {}),
    })),
    labels: form.labels,
    options,
  };
}

/** In the dialog the routing mesh was chosen after "Attachable" was ticked: the later choice counts. */
const isForced = (form: NetworkForm): boolean => form.ingress && form.toggles.includes('more');
