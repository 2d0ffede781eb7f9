import { containerMtu, defaultUnderlayMtu, mtuOption, underlayMtuOf } from './containerMtu';
import type { Network } from '../engine/records';

/** Driver option that says something a person wants to know, as Docker names it. */
const vxlanOption = 'com.docker.network.driver.overlay.vxlanid_list';

/** MTU between the hosts as the network is told (an option, else Docker's default), and MTU in its containers, bytes. */
export function overlayMtu({ options, encrypted }: Network): { underlay: number; container: number } {
  const underlay = underlayMtuOf(options) ?? defaultUnderlayMtu;
  return { underlay, container: containerMtu(underlay, encrypted) };
}

/** UDP port of the overlays' data when nobody chose one at init. */
export const defaultDataPathPort = 4789;

export const isVxlanId = (id: number): boolean => Number.isInteger(id) && id > 0 && id < 2 ** 24;

/** The VXLAN ids that the driver options of a network say, one a subnet; none where the engine does not tell. */
export function parseVxlanIds(options: Network['options']): number[] {
  const ids = (options[vxlanOption] ?? '').split(',').filter(Boolean).map(Number);
  return ids.every(isVxlanId) ? ids : [];
}

/** VXLAN ids, one a subnet: "4097". Empty where the engine does not tell. */
export const vxlanIds = ({ options }: Network): string => (options[vxlanOption] ?? '').split(',').join(', ');

/** Options that nothing else says. */
export function otherOptions({ options }: Network): readonly (readonly [name: string, value: string])[] {
  const told = [mtuOption, vxlanOption, 'encrypted'];
  return Object.entries(options).filter(([name]) => !told.includes(name));
}
