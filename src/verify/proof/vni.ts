/** Driver option by which Docker tells the VXLAN identifiers of an overlay network, one a subnet. */
const option = 'com.docker.network.driver.overlay.vxlanid_list';

/** The VXLAN identifiers out of a network's driver options; none where the engine does not tell them. */
export function vnisOf(options: Readonly<Record<string, string>>): number[] {
  const parts = (options[option] ?? '').split(',').filter(Boolean);
  const vnis = parts.map(Number);
  return vnis.every((vni) => Number.isInteger(vni) && vni > 0 && vni < 2 ** 24) ? vnis : [];
}
