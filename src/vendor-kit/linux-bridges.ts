/**
 * Whether a Linux interface is, by its name, a bridge or the end of a wire to machines on the host itself: containers and
 * virtual machines. Such an interface is never an edge; the physical one that their packets leave by is.
 *
 * Names that the programs give by themselves: Docker (docker0, docker_gwbridge, br- and twelve hexadecimal digits), libvirt
 * (virbrN), LXD and Incus (lxdbrN, incusbrN), LXC (lxcbrN), Podman and CNI (podmanN, cni-podmanN, cniN), Flannel, Calico,
 * Cilium and the host ends of veth pairs. `*` at the end of a name is a wildcard.
 */
export function isHostBridge(name: string): boolean {
  // Rules speak of all of a kind at once.
  if (/^(?:docker|virbr|lxdbr|incusbr|lxcbr|podman|cni|flannel\.?|cali|cilium_|veth|vnet)\*$/.test(name)) return true;
  return /^(?:docker\d+|docker_gwbridge|br-[0-9a-f]{12}|virbr\d+(?:-nic)?|(?:lxdbr|incusbr|lxcbr|podman|cni-podman|cni)\d+|flannel\.\d+|cali[0-9a-f]{11}|cilium_(?:host|net|vxlan)|lxc[0-9a-f]{8,}|veth[0-9a-f]{6,}|vnet\d+)$/.test(
    name,
  );
}
