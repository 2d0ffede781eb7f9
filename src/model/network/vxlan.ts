/** UDP port of the overlays' data when nobody chose one at init. */
export const defaultDataPathPort = 4789;

/** Driver option by which Docker tells the VXLAN ids of an overlay network, one a subnet. */
export const vxlanIdsOption = 'com.docker.network.driver.overlay.vxlanid_list';

export const isVxlanId = (id: number): boolean => Number.isInteger(id) && id > 0 && id < 2 ** 24;

/** The VXLAN ids out of a network's driver options; none where the engine does not tell them. */
export function parseVxlanIds(options: Readonly<Record<string, string>>): number[] {
  const ids = (options[vxlanIdsOption] ?? '').split(',').filter(Boolean).map(Number);
  return ids.every(isVxlanId) ? ids : [];
}
