import type { Match } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import { contentMatch, someContent, readAddresses } from "./content.js";
import type { ConfigInterface, Interfaces } from "./interfaces.js";
import { flag } from "./interfaces.js";
import { icmp6Types } from "./names.js";
import type { PfDirection, PfRule } from "./pf-rules.js";
import type { Element } from "./xml.js";
import { at, childrenOf, elementSpan, has, valueOf } from "./xml.js";

/**
 * The rules that pfSense writes itself, in front of everybody's.
 *
 * Left out, because they change no first packet's fate here: antispoof (not quick, and nothing but quick rules passes
 * what comes in after it), labels and logging, and the tables that the device fills after misbehaviour (sshguard),
 * which are taken as empty.
 *
 * Source: pfSense src/etc/inc/filter.inc, function filter_rules_generate.
 */
export function systemRules(root: Element, interfaces: Interfaces, dialect: "pfsense" | "opnsense"): PfRule[] {
  const system = at(root, "system");
  const ipv6 =
    dialect === "opnsense"
      ? valueOf(system, "ipv6allow") !== "0" && has(system, "ipv6allow")
      : has(system, "ipv6allow");
  const rules: PfRule[] = [];
  const add = (
    label: string,
    action: "pass" | "block",
    quick: boolean,
    match: Match,
    { place = system, ...rest }: Partial<PfRule> & { readonly place?: Element } = {},
  ): void => {
    rules.push({
      action,
      directions: both,
      match,
      quick,
      log: false,
      origin: {
        label: `${dialect === "pfsense" ? "pfSense" : "OPNsense"}: ${label}`,
        ...(place && { span: elementSpan(place) }),
        implied: true,
      },
      ...rest,
    });
  };

  if (!ipv6) {
    add("pass IPv6 loopback", "pass", true, kit.ofFamily("ipv6"), on("lo0"));
    add("IPv6 is not allowed (no ipv6allow)", "block", true, kit.ofFamily("ipv6"));
  }
  if (dialect === "pfsense" && !has(system, "no_apipa_block")) {
    add("block IPv4 link-local", "block", true, kit.any(kit.from(linkLocal4), kit.to(linkLocal4)), coming);
  }
  add("default deny", "block", false, kit.everyPacket);
  if (ipv6) {
    add("ICMPv6 operation", "pass", true, icmp6("unreach", "toobig", "neighbrsol", "neighbradv"));
    const discovery = ["routersol", "routeradv", "neighbrsol", "neighbradv"];
    const local = kit.from(linkLocal6);
    add(
      "ICMPv6 operation",
      "pass",
      true,
      kit.all(icmp6("echorep", ...discovery), local, kit.to(linkLocal6OrGroup)),
      going,
    );
    add(
      "ICMPv6 operation",
      "pass",
      true,
      kit.all(
        icmp6("echoreq", ...discovery),
        kit.any(
          kit.all(local, kit.to(linkLocal6OrGroup)),
          kit.all(kit.from(linkGroup6), kit.to(linkLocal6)),
          kit.all(kit.from({ ipv4: [], ipv6: [{ first: 0n, last: 0n }] }), kit.to(linkGroup6)),
        ),
      ),
      coming,
    );
  }
  add(
    "block port 0",
    "block",
    true,
    kit.all(
      kit.ofProtocol(kit.protocols.tcp, kit.protocols.udp),
      kit.any(kit.numberIn("source-port", [0, 0]), kit.numberIn("destination-port", [0, 0])),
    ),
  );
  for (const name of ["snort2c", ...(usesOverload(root) ? ["virusprot"] : [])]) {
    if (name === "snort2c" && !usesIntrusionBlocking(root)) continue;
    const table = someContent(`in the table ${name}, which the firewall fills by itself`);
    add(`block ${name}`, "block", true, kit.any(contentMatch(table, "source"), contentMatch(table, "destination")));
  }
  for (const one of interfaces.all) interfaceRules(one, root, ipv6, add);
  add("pass loopback", "pass", false, kit.everyPacket, on("lo0"));
  add("let out anything from the firewall itself", "pass", false, passedByDefault(ipv6), going);
  antiLockout(root, interfaces, add);
  return rules;
}

type Add = (
  label: string,
  action: "pass" | "block",
  quick: boolean,
  match: Match,
  rest?: Partial<PfRule> & { readonly place?: Element },
) => void;

const both: readonly PfDirection[] = ["in", "out"];
const coming = { directions: ["in"] as const };
const going = { directions: ["out"] as const };

function on(...names: readonly string[]): Pick<PfRule, "on"> {
  return { on: { names, not: false } };
}

const linkLocal4 = readAddresses("169.254.0.0/16")!;
const linkLocal6 = readAddresses("fe80::/10")!;
const linkGroup6 = readAddresses("ff02::/16")!;
const linkLocal6OrGroup = kit.unionAddresses(linkLocal6, linkGroup6);
const privateNetworks = kit.unionAddresses(
  ...["10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"].map((text) => readAddresses(text)!),
);

function icmp6(...types: readonly string[]): Match {
  return kit.all(
    kit.ofFamily("ipv6"),
    kit.ofProtocol(kit.protocols.icmpv6),
    kit.numberIn("icmp-type", ...types.map((name) => [icmp6Types.get(name)!, icmp6Types.get(name)!] as const)),
  );
}

/** pf asks for `flags S/SA` of TCP where a pass rule keeps state. */
function passedByDefault(ipv6: boolean): Match {
  return kit.all(
    ipv6 ? kit.everyPacket : kit.ofFamily("ipv4"),
    kit.any(
      kit.not(kit.ofProtocol(kit.protocols.tcp)),
      kit.withTcpFlags(kit.tcpFlags.syn | kit.tcpFlags.ack, kit.tcpFlags.syn),
    ),
  );
}

function interfaceRules(one: ConfigInterface, root: Element, ipv6: boolean, add: Add): void {
  const here = { ...on(one.name), place: one.element };
  const udp = (from: number | undefined, to: number | undefined): Match =>
    kit.all(
      kit.ofProtocol(kit.protocols.udp),
      from === undefined ? kit.everyPacket : kit.numberIn("source-port", [from, from]),
      to === undefined ? kit.everyPacket : kit.numberIn("destination-port", [to, to]),
    );
  if (valueOf(one.element, "ipaddr") === "dhcp") {
    add(`DHCP replies in on ${one.name}`, "pass", true, udp(67, 68), { ...here, ...coming, tag: "dhcpin" });
    add(`DHCP client out on ${one.name}`, "pass", true, udp(68, 67), { ...here, ...going });
  }
  if (ipv6 && ["slaac", "dhcp6"].includes(valueOf(one.element, "ipaddrv6"))) {
    const local = kit.all(udp(546, 546), kit.from(linkLocal6), kit.to(linkLocal6));
    add(`DHCPv6 client in on ${one.name}`, "pass", true, kit.any(local, udp(547, 546)), { ...here, ...coming });
    add(`DHCPv6 client out on ${one.name}`, "pass", true, udp(546, 547), { ...here, ...going });
  }
  if (flag(one, "blockbogons")) {
    const bogons = someContent("in the list of bogons, which the firewall fetches");
    add(`block bogons on ${one.name}`, "block", true, contentMatch(bogons, "source"), { ...here, ...coming });
  }
  const bridged = childrenOf(at(root, "bridges"), "bridged").some((bridge) =>
    valueOf(bridge, "members").split(",").includes(one.name),
  );
  if (flag(one, "blockpriv") && !bridged)
    add(`block private networks on ${one.name}`, "block", true, kit.from(privateNetworks), { ...here, ...coming });
  if (at(root, "dhcpd", one.name) !== undefined && has(at(root, "dhcpd", one.name), "enable")) {
    const own = readAddresses(valueOf(one.element, "ipaddr"));
    const server = kit.to(kit.unionAddresses(readAddresses("255.255.255.255")!, own ?? kit.noAddress));
    add(`DHCP server on ${one.name}`, "pass", true, kit.all(udp(68, 67), server), { ...here, ...coming });
    if (own !== undefined)
      add(`DHCP server on ${one.name}`, "pass", true, kit.all(udp(67, 68), kit.from(own)), { ...here, ...going });
  }
  if (ipv6 && has(at(root, "dhcpdv6", one.name), "enable")) {
    const ipv6Only = kit.ofFamily("ipv6");
    const local = kit.from(linkLocal6);
    add(
      `DHCPv6 server on ${one.name}`,
      "pass",
      true,
      kit.all(
        ipv6Only,
        kit.any(
          kit.all(udp(undefined, 546), local, kit.to(linkLocal6OrGroup)),
          kit.all(udp(undefined, 547), local, kit.to(linkGroup6)),
          kit.all(udp(undefined, 547), kit.from(linkGroup6), kit.to(linkLocal6)),
        ),
      ),
      here,
    );
  }
}

/** The ports of the web interface and SSH stay open on LAN, or on WAN where that is the only interface. */
function antiLockout(root: Element, interfaces: Interfaces, add: Add): void {
  const gui = at(root, "system", "webgui");
  if (has(gui, "noantilockout")) return;
  const defined = at(root, "interfaces")?.children.length ?? 0;
  const name = defined > 1 ? "lan" : "wan";
  const own = interfaces.address(name);
  if (own === undefined) return;
  const ssh = at(root, "system", "ssh");
  const guiPort = Number(valueOf(gui, "port")) || (valueOf(gui, "protocol") === "http" ? 80 : 443);
  const ports = [guiPort];
  // The redirect to the web interface listens, too.
  if (!has(gui, "disablehttpredirect") && guiPort !== 80) ports.push(80);
  if (has(ssh, "enable") || has(at(root, "system"), "enablesshd")) ports.push(Number(valueOf(ssh, "port")) || 22);
  add(
    "anti-lockout rule",
    "pass",
    true,
    kit.all(
      kit.ofProtocol(kit.protocols.tcp),
      kit.withTcpFlags(kit.tcpFlags.syn | kit.tcpFlags.ack, kit.tcpFlags.syn),
      contentMatch(own, "destination"),
      kit.numberIn("destination-port", ...ports.map((port) => [port, port] as const)),
    ),
    { ...on(name), ...coming },
  );
}

function usesOverload(root: Element): boolean {
  return childrenOf(at(root, "filter"), "rule").some((rule) => valueOf(rule, "max-src-conn-rate") !== "");
}

function usesIntrusionBlocking(root: Element): boolean {
  const packages = at(root, "installedpackages");
  return packages?.children.some((one) => /^(snort|suricata)/.test(one.name)) ?? false;
}
