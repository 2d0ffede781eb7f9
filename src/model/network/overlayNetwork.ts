import { containerMtu, defaultUnderlayMtu, mtuOption, underlayMtuOf } from './containerMtu';
import type { Network } from '../engine/records';

/** Driver option that says something a person wants to know, as Docker names it. */
const vxlanOption = 'com.docker.network.driver.overlay.vxlanid_list';

/** MTU between the hosts as the network is told (an option, else Docker's default), and MTU in its containers, bytes. */
export function overlayMtu({ options, encrypted }: Network): { underlay: number; container: number } {
  const underlay = underlayMtuOf(options) ?? defaultUnderlayMtu;
  return { underlay, container: containerMtu(underlay, encrypted) };
}

/** VXLAN ids, one a subnet: "4097". Empty where the engine does not tell. */
export const vxlanIds = ({ options }: Network): string => (options[vxlanOption] ?? '').split(',').join(', ');

/** Options that nothing else says. */
export function otherOptions({ options }: Network): readonly (readonly [name: string, value: string])[] {
  const told = [mtuOption, vxlanOption, 'encrypted'];
  return Object.entries(options).filter(([name]) => !told.includes(name));
}
