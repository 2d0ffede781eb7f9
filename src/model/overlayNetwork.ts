import type { Network } from './engine';

/** Driver options that say something a person wants to know, as Docker names them. */
const mtuOption = 'com.docker.network.driver.mtu';
const vxlanOption = 'com.docker.network.driver.overlay.vxlanid_list';

/**
 * MTU between the hosts as the network is told (an option, else 1500) and MTU in containers: 50 less for VXLAN, and 26
 * less with ESP, on whole fours.
 */
export function overlayMtu({ options, encrypted }: Network): { underlay: number; container: number } {
  const told = Number(options[mtuOption]);
  const underlay = Number.isInteger(told) && told > 0 ? told : 1500;
  const inside = underlay - 50 - (encrypted ? 26 : 0);
  return { underlay, container: encrypted ? inside - (inside % 4) : inside };
}

/** VXLAN ids, one a subnet: "4097". Empty where the engine does not tell. */
export const vxlanIds = ({ options }: Network): string => (options[vxlanOption] ?? '').split(',').join(', ');

/** Options that nothing else says. */
export function otherOptions({ options }: Network): readonly (readonly [name: string, value: string])[] {
  const told = [mtuOption, vxlanOption, 'encrypted'];
  return Object.entries(options).filter(([name]) => !told.includes(name));
}
