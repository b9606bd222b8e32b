import { trace } from "../../src/packet-set/index.js";
import type { Fate } from "../../src/packet-set/index.js";
import type { Device, Edge, Emission, Hook, Packet, Parsed, Source, Target } from "../../src/vendor-kit/index.js";
import { parseIpv4, parseIpv6 } from "../../src/vendor-kit/index.js";
import pfsense from "../../vendors/pfsense/index.js";
import { targetOf } from "./edge.js";

/** A config.xml with three interfaces, without IPv6 on WAN; `rest` stands behind `<interfaces>`. */
export function configOf(rest: string, system = "<ipv6allow></ipv6allow>"): string {
  return `<?xml version="1.0"?>
<pfsense>
	<version>22.9</version>
	<system>
		${system}
	</system>
	<interfaces>
		<wan><enable></enable><if>em0</if><descr>WAN</descr><ipaddr>203.0.113.2</ipaddr><subnet>24</subnet></wan>
		<lan><enable></enable><if>em1</if><descr>LAN</descr><ipaddr>10.20.0.1</ipaddr><subnet>16</subnet><ipaddrv6>2001:db8:20::1</ipaddrv6><subnetv6>64</subnetv6></lan>
		<opt1><enable></enable><if>em2</if><descr>GUESTS</descr><ipaddr>10.30.0.1</ipaddr><subnet>24</subnet></opt1>
		<opt2><if>em3</if><descr>SPARE</descr></opt2>
	</interfaces>
	${rest}
</pfsense>
`;
}

/** A rule of config.xml, by default one that blocks TCP 445 from anywhere on WAN; a field of `undefined` is left out. */
export function ruleOf(fields: Readonly<Record<string, string | undefined>> = {}): string {
  const all: Record<string, string | undefined> = {
    type: "block",
    interface: "wan",
    ipprotocol: "inet46",
    protocol: "tcp",
    source: "<any></any>",
    destination: "<any></any><port>445</port>",
    descr: "test",
    ...fields,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`<${name}>${value}</${name}>`],
  );
  return `<rule>${lines.join("")}</rule>`;
}

export function aliasOf(name: string, address: string, type = "network"): string {
  return `<alias><name>${name}</name><type>${type}</type><address>${address}</address><descr></descr></alias>`;
}

export function parsed(...texts: readonly string[]): Parsed {
  return pfsense.parse(
    texts.map((text, i) => ({ path: `${i + 1}.conf`, text })),
    {},
  );
}

export function emitted(edge: Edge, options: Readonly<Record<string, unknown>> = {}, base?: string): Emission {
  const target: Target = { ...targetOf("pfsense", { outside: ["wan"], ...options }), files: filesOf(base) };
  return pfsense.emit(edge, target);
}

function filesOf(base: string | undefined): Readonly<Record<string, Source>> {
  return base === undefined ? {} : { base: { path: "config.xml", text: base } };
}

export function textOf(emission: Emission, path: string): string {
  const file = emission.files.find((one) => one.path === path);
  if (file === undefined) throw new Error(`${path} is not among ${emission.files.map((one) => one.path).join(", ")}`);
  return file.text;
}

/**
 * The fate of a first packet, written `wan>lan tcp 198.51.100.7 > 10.20.0.5:445`; `self` stands for the firewall on
 * either side. `conditions` hold, all others do not.
 */
export function fateOf(device: Device, words: string, conditions: readonly string[] = []): Fate {
  const found = /^(\S+)>(\S+) (\w+) (\S+) > (\S+?)(?::(\d+))?$/.exec(words.replaceAll("[", "").replaceAll("]", ""));
  const bracketed = /\[(.*)\](?::(\d+))?$/.exec(words);
  if (found === null) throw new Error(`not a packet: ${words}`);
  const [, ingress, egress, protocol, source] = found as unknown as [string, string, string, string, string];
  const destination = bracketed === null ? found[5]! : bracketed[1]!;
  const port = bracketed === null ? found[6] : bracketed[2];
  const hook: Hook = ingress === "self" ? "output" : egress === "self" ? "input" : "forward";
  const family = parseIpv4(source) === undefined ? "ipv6" : "ipv4";
  const number = { tcp: 6, udp: 17, icmp: 1, icmp6: 58, gre: 47 }[protocol]!;
  const hasPorts = number === 6 || number === 17;
  const packet: Packet = {
    family,
    ...(hook !== "output" && { ingress }),
    ...(hook !== "input" && { egress }),
    state: "new",
    protocol: number,
    sourcePort: hasPorts ? 50000 : 0,
    destinationPort: hasPorts ? Number(port ?? 0) : 0,
    icmpType: hasPorts ? 0 : Number(port ?? 0),
    icmpCode: 0,
    tcpFlags: number === 6 ? 2 : 0,
    source: family === "ipv4" ? parseIpv4(source)! : parseIpv6(source)!,
    destination: family === "ipv4" ? parseIpv4(destination)! : parseIpv6(destination)!,
    sourceMac: 0,
    conditions: new Set(conditions),
  };
  return trace(
    device.paths.find((path) => path.hook === hook)!,
    packet,
  ).fate;
}

export function codesOf(parsed: Pick<Parsed, "diagnostics">): string[] {
  return parsed.diagnostics.map((one) => one.code);
}
