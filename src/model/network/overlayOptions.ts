import type { Network } from '../engine/records';
import { parseVxlanIds, vxlanIdsOption } from './vxlan';

/** Driver option of the MTU between the hosts, that of containers is computed from it. */
export const mtuOption = 'com.docker.network.driver.mtu';

/** Bytes; what Docker's overlay driver takes the network between the hosts to carry unless told otherwise. */
export const defaultUnderlayMtu = 1500;

/** Outer Ethernet, IP, UDP and VXLAN header, bytes (moby, drivers/overlay: `vxlanEncap`). */
const vxlanOverhead = 50;
/** SPI, sequence number, IV, padding and integrity check of ESP, bytes (moby, drivers/overlay: `pktExpansion`). */
const espOverhead = 26;

/** What the overlay adds to each packet between the hosts, bytes. */
export const overlayOverhead = (encrypted: boolean): number => vxlanOverhead + (encrypted ? espOverhead : 0);

/**
 * MTU of containers in an overlay network, bytes: 1500 gives 1450, and 1424 when encrypted. Docker rounds down to whole
 * fours only when it encrypts (moby, drivers/overlay: `maxMTU`).
 *
 * @param underlay MTU of the network between the hosts, bytes.
 */
export function containerMtu(underlay: number, encrypted: boolean): number {
  const room = underlay - overlayOverhead(encrypted);
  return encrypted ? room - (room % 4) : room;
}

/**
 * MTU between the hosts that the driver options of a network say, bytes; undefined when they say none. 0 is Docker's
 * default; what is no number Docker refuses (moby, drivers/overlay: `strconv.Atoi`, and "invalid MTU value" below 0).
 */
export function underlayMtuOf(options: Readonly<Record<string, string>> | undefined): number | undefined {
  const text = options?.[mtuOption];
  const bytes = text !== undefined && /^\+?\d{1,9}$/.test(text) ? Number(text) : 0;
  return bytes > 0 ? bytes : undefined;
}

/** MTU between the hosts as the network is told (an option, else Docker's default), and MTU in its containers, bytes. */
export function overlayMtu({ options, encrypted }: Pick<Network, 'options' | 'encrypted'>): {
  underlay: number;
  container: number;
} {
  const underlay = underlayMtuOf(options) ?? defaultUnderlayMtu;
  return { underlay, container: containerMtu(underlay, encrypted) };
}

/** VXLAN ids, one a subnet: "4097". Empty where the engine does not tell. */
export const vxlanIds = ({ options }: Network): string => parseVxlanIds(options).join(', ');

/** Options that nothing else says. */
export function otherOptions({ options }: Network): readonly (readonly [name: string, value: string])[] {
  const told = [mtuOption, vxlanIdsOption, 'encrypted'];
  return Object.entries(options).filter(([name]) => !told.includes(name));
}
