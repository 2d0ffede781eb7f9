import { containerMtu, defaultUnderlayMtu, underlayMtuOf } from '../../../model/network/overlayOptions';
import type { NetworkCreateRequest } from '../../../engine/api';
import type { NetworkFinding } from '../../../swarm/networks/preflight';
import { list } from '../../../base/text/words';
import type { PickItem } from '../../quickPick/pick';

export type NetworkToggle = 'attachable' | 'encrypted' | 'internal' | 'ipv6' | 'more';

/** What the lines of the switches are made of. */
export interface ToggleFacts {
  /** As it would be with everything ticked that is asked about: what speaks against a switch is said before it is ticked. */
  readonly findings: readonly NetworkFinding[];
  readonly options: NetworkCreateRequest['options'];
  /** Hosts that are being looked at. */
  readonly looking: boolean;
}

/** The switches of a new network, each with a line on what it means on these hosts. Pure. */
export function networkToggles({ findings, options, looking }: ToggleFacts): PickItem<NetworkToggle>[] {
  return [
    {
      value: 'attachable',
      label: 'Attachable',
      detail: 'Containers started by hand can join it, and it can be verified.',
      icon: 'plug',
    },
    { value: 'encrypted', label: 'Encrypted', detail: encryptedMeaning(findings, options, looking), icon: 'lock' },
    {
      value: 'internal',
      label: 'Internal',
      detail: 'No way out: containers reach each other and nothing outside.',
      icon: 'circle-slash',
    },
    {
      value: 'ipv6',
      label: 'IPv6',
      detail: 'IPv6 addresses besides those of IPv4; it needs a subnet of each.',
      icon: 'globe',
    },
    {
      value: 'more',
      label: 'More options…',
      detail: ['Subnets, MTU, labels, driver options, routing mesh', ...shortsOf(findings, 'mtu')].join(' · '),
      icon: 'settings',
    },
  ];
}

function encryptedMeaning(
  findings: readonly NetworkFinding[],
  options: NetworkCreateRequest['options'],
  looking: boolean,
): string {
  const underlay = underlayMtuOf(options) ?? defaultUnderlayMtu;
  // What speaks against it comes first: a long line is cut at its end.
  return [
    ...shortsOf(findings, 'encryption'),
    `IPsec ESP between the hosts; MTU ${containerMtu(underlay, true)} instead of ${containerMtu(underlay, false)}`,
    ...(looking ? ['looking at the hosts…'] : []),
  ].join(' · ');
}

/** The same said of several hosts is said once. */
function shortsOf(findings: readonly NetworkFinding[], about: NetworkFinding['about']): string[] {
  const own = findings.filter((finding) => finding.about === about && finding.severity !== 'note');
  const byWords = new Map<string, string[]>();
  for (const { short, host } of own) {
    if (short === undefined) continue;
    const words = host === undefined ? short : short.replace(host, '\0');
    byWords.set(words, [...(byWords.get(words) ?? []), ...(host === undefined ? [] : [host])]);
  }
  return [...byWords].map(([words, hosts]) => words.replace('\0', list(hosts)));
}
