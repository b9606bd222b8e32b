import type { DeviceInterface, Family } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { Content } from "./content.js";
import { contentOf, noContent, openContent, readAddresses, unionContent } from "./content.js";
import type { Element } from "./xml.js";
import { at, child, childrenOf, has, valueOf } from "./xml.js";

/** The interfaces of a configuration as filter rules name them: `wan`, `lan`, `opt1`, a group. */
export interface Interfaces {
  readonly all: readonly ConfigInterface[];
  /** The interfaces that a rule's word stands for; undefined when it stands for none that is in use. */
  named(word: string): readonly string[] | undefined;
  /** True for interface groups and the VPN pools that pfSense treats as groups: their rules come first. */
  isGroup(word: string): boolean;
  /** The addresses of its subnets, virtual addresses included; undefined when there is no such interface. */
  network(word: string): Content | undefined;
  /** Its own addresses. */
  address(word: string): Content | undefined;
  /** Every address of the firewall itself. */
  readonly self: Content;
}

export interface ConfigInterface {
  readonly name: string;
  readonly element: Element;
  readonly hardware: string;
  /** As the web interface shows it, in capitals: the name of the macro in the ruleset. */
  readonly description: string;
  readonly dynamic4: boolean;
  readonly dynamic6: boolean;
}

/** Pools of tunnels that pfSense knows as interfaces of rules without their being in `<interfaces>`. */
const pools = ["openvpn", "l2tp", "pppoe", "WireGuard", "wireguard", "Tailscale", "tailscale", "enc0", "ipsec"];

export function readInterfaces(root: Element): Interfaces {
  const all = (at(root, "interfaces")?.children ?? []).filter(inUse).map(readInterface);
  const byName = new Map(all.map((one) => [one.name, one]));
  const groups = new Map<string, readonly string[]>();
  for (const group of childrenOf(at(root, "ifgroups"), "ifgroupentry"))
    groups.set(
      valueOf(group, "ifname"),
      valueOf(group, "members")
        .split(/[\s,]+/)
        .filter((name) => byName.has(name)),
    );
  const virtual = readVirtual(root);

  const networkOf = (one: ConfigInterface): Content =>
    unionContent(
      staticContent(one, true),
      ...dynamicContent(one, "in a network of the interface"),
      ...virtual.filter((vip) => vip.interface === one.name).map((vip) => vip.network),
    );
  const addressOf = (one: ConfigInterface): Content =>
    unionContent(staticContent(one, false), ...dynamicContent(one, "an address of the interface"));

  return {
    all,
    named(word) {
      if (byName.has(word)) return [word];
      const members = groups.get(word);
      if (members !== undefined) return members.length === 0 ? undefined : members;
      return pools.includes(word) ? [word, ...assignedTo(word, all)] : undefined;
    },
    isGroup: (word) => groups.has(word) || (pools.includes(word) && !byName.has(word)),
    network(word) {
      const one = byName.get(word);
      if (one !== undefined) return networkOf(one);
      const members = groups.get(word);
      if (members !== undefined) return unionContent(...members.map((name) => networkOf(byName.get(name)!)));
      return pools.includes(word) ? openContent(`in a network of the clients of ${word}`) : undefined;
    },
    address: (word) => {
      const one = byName.get(word);
      return one === undefined ? undefined : addressOf(one);
    },
    self: unionContent(
      contentOf({
        ipv4: [kit.prefixInterval4({ address: 0x7f000001, length: 32 })],
        ipv6: [{ first: 1n, last: 1n }],
      }),
      openContent("a link-local address of the firewall", "ipv6"),
      ...all.map(addressOf),
      ...virtual.map((vip) => vip.address),
    ),
  };
}

/** As the IR names them. `wan` and `lan` say by their name on which side they are, other interfaces by a gateway of their own. */
export function deviceInterfaces(interfaces: Interfaces): DeviceInterface[] {
  return interfaces.all.map((one) => ({
    name: one.name,
    ...((one.name === "wan" || hasGateway(one)) && { side: "outside" as const }),
    ...(one.name === "lan" && { side: "inside" as const }),
    aliases: [...new Set([one.hardware, one.description])].filter((word) => word !== "" && word !== one.name),
  }));
}

/** Uplinks beside WAN. Tunnels have gateways too, and lead to networks of one's own. Source: interface_has_gateway of pfSense. */
function hasGateway({ name, element, hardware }: ConfigInterface): boolean {
  if (name === "lan" || tunnels.test(hardware)) return false;
  const gateways = [valueOf(element, "gateway"), valueOf(element, "gatewayv6")];
  return (
    gateways.some((gateway) => gateway !== "" && gateway !== "none") ||
    /^(?:dhcp|ppp|pppoe|pptp|l2tp)$/.test(valueOf(element, "ipaddr"))
  );
}

const tunnels = /^(?:ovpn|tun|wg|ipsec|gif|gre|tailscale)/;

/** WAN and LAN are always in use; others when they are enabled. */
function inUse(element: Element): boolean {
  return element.name === "wan" || element.name === "lan" || has(element, "enable");
}

function readInterface(element: Element): ConfigInterface {
  const hardware = valueOf(element, "if");
  const ipv4 = valueOf(element, "ipaddr");
  const ipv6 = valueOf(element, "ipaddrv6");
  const tunnel = /^(ovpn|tun|wg|ipsec|gif|gre|ppp|l2tp|tailscale)/.test(hardware);
  return {
    name: element.name,
    element,
    hardware,
    description: (valueOf(element, "descr") || element.name).toUpperCase().replace(/[^A-Z0-9_]/g, ""),
    dynamic4: ipv4 === "" ? tunnel : kit.parseIpv4(ipv4) === undefined,
    dynamic6: ipv6 === "" ? tunnel : kit.parseIpv6(ipv6) === undefined,
  };
}

function staticContent(one: ConfigInterface, network: boolean): Content {
  const parts: Content[] = [];
  for (const [address, length] of [
    ["ipaddr", "subnet"],
    ["ipaddrv6", "subnetv6"],
    ["alias-address", "alias-subnet"],
  ] as const) {
    const text = valueOf(one.element, address);
    const bits = valueOf(one.element, length);
    const read = readAddresses(network && bits !== "" ? `${text}/${bits}` : text);
    if (read !== undefined) parts.push(contentOf(read));
  }
  return parts.length === 0 ? noContent : unionContent(...parts);
}

function dynamicContent(one: ConfigInterface, words: string): Content[] {
  const open = (family: Family, how: string): Content =>
    openContent(
      `${words} ${one.name}, which gets its ${family === "ipv4" ? "IPv4" : "IPv6"} address by ${how}`,
      family,
    );
  return [
    ...(one.dynamic4 ? [open("ipv4", valueOf(one.element, "ipaddr") || "its tunnel")] : []),
    ...(one.dynamic6 ? [open("ipv6", valueOf(one.element, "ipaddrv6") || "its tunnel")] : []),
  ];
}

function readVirtual(root: Element): { interface: string; network: Content; address: Content }[] {
  return childrenOf(at(root, "virtualip"), "vip").flatMap((vip) => {
    const address = valueOf(vip, "subnet");
    const bits = valueOf(vip, "subnet_bits");
    const alone = readAddresses(address);
    const whole = readAddresses(bits === "" ? address : `${address}/${bits}`);
    if (alone === undefined || whole === undefined) return [];
    // Proxy ARP and "other" addresses are not the firewall's own.
    const own = ["carp", "ipalias"].includes(valueOf(vip, "mode"));
    return [
      {
        interface: valueOf(vip, "interface"),
        network: own ? contentOf(whole) : noContent,
        address: own ? contentOf(alone) : noContent,
      },
    ];
  });
}

/** A pool's rules meet the traffic of tunnels that have an interface of their own, too. */
function assignedTo(pool: string, all: readonly ConfigInterface[]): string[] {
  const hardware = pool === "openvpn" ? /^ovpn/ : /^wire/i.test(pool) ? /^(tun_wg|wg)/ : undefined;
  return hardware === undefined ? [] : all.filter((one) => hardware.test(one.hardware)).map((one) => one.name);
}

/** True when the interface has an own flag, such as `blockpriv`. OPNsense writes `0` for a flag that is off. */
export function flag(one: ConfigInterface, name: string): boolean {
  return has(one.element, name) && child(one.element, name)!.text !== "0";
}
