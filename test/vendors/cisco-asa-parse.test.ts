import { expect } from "chai";
import fc from "fast-check";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Packet } from "../../src/ir/index.js";
import { tcpFlags } from "../../src/ir/index.js";
import { parseIpv4, parseIpv6 } from "../../src/net/index.js";
import { pathOf, trace } from "../../src/packet-set/index.js";
import type { Parsed } from "../../src/vendor-kit/index.js";
import { lineText, positionOf, spanText } from "../../src/vendor-kit/index.js";
import asa from "../../vendors/cisco-asa/index.js";
import { describeShared } from "../support/shared.js";

function parse(...texts: string[]): Parsed {
  return asa.parse(
    texts.map((text, i) => ({ path: `device-${i}.cfg`, text })),
    {},
  );
}

const interfaces = `ASA Version 9.16(1)
interface GigabitEthernet0/0
 nameif outside
 security-level 0
 ip address 203.0.113.2 255.255.255.0 standby 203.0.113.3
interface GigabitEthernet0/1
 nameif inside
 security-level 100
 ip address 10.0.0.1 255.255.255.0
interface GigabitEthernet0/2
 nameif dmz
 security-level 50
 ip address dhcp setroute
`;

interface Asked {
  readonly in?: string;
  readonly out?: string;
  readonly from?: string;
  readonly to?: string;
  readonly protocol?: number;
  readonly sourcePort?: number;
  readonly port?: number;
  readonly type?: number;
  readonly code?: number;
  readonly if?: readonly string[];
}

/** What becomes of a first packet, by default TCP 192.0.2.1:50000 > 10.0.0.5:445 from the outside to the inside. */
function fate(config: string | Parsed, asked: Asked = {}): string {
  const { device } = typeof config === "string" ? parse(config) : config;
  const from = asked.from ?? "192.0.2.1";
  const protocol = asked.protocol ?? 6;
  const hasPorts = [6, 17, 132].includes(protocol);
  const packet: Packet = {
    family: from.includes(":") ? "ipv6" : "ipv4",
    ingress: asked.in ?? "outside",
    egress: asked.out ?? "inside",
    state: "new",
    protocol,
    sourcePort: hasPorts ? (asked.sourcePort ?? 50000) : 0,
    destinationPort: hasPorts ? (asked.port ?? 445) : 0,
    icmpType: asked.type ?? 0,
    icmpCode: asked.code ?? 0,
    tcpFlags: protocol === 6 ? tcpFlags.syn : 0,
    source: address(from),
    destination: address(asked.to ?? (from.includes(":") ? "2001:db8::5" : "10.0.0.5")),
    sourceMac: 0,
    conditions: new Set(asked.if ?? []),
  };
  return trace(pathOf(device.paths, "forward")!, packet).fate;
}

function address(text: string): number | bigint {
  return parseIpv4(text) ?? parseIpv6(text)!;
}

/** A configuration with these entries in a list bound to the outside, behind these definitions. */
function inbound(entries: readonly string[], definitions = ""): string {
  const list = entries.map((entry) => `access-list IN ${entry}\n`).join("");
  return `${interfaces}${definitions}${list}access-group IN in interface outside\n`;
}

function messages(parsed: Parsed): string[] {
  return parsed.diagnostics.map(({ code, message }) => `${code} ${message}`);
}

describe("cisco-asa: which lists a packet meets", () => {
  it("by security-levels where there is none: down yes, up no, level with each other only if permitted", () => {
    expect(fate(interfaces, { in: "inside", out: "outside" })).to.equal("accepted");
    expect(fate(interfaces, { in: "dmz", out: "outside" })).to.equal("accepted");
    expect(fate(interfaces, { in: "outside", out: "dmz" })).to.equal("dropped");
    const two = interfaces.replace("security-level 50", "security-level 100");
    expect(fate(two, { in: "dmz", out: "inside" })).to.equal("dropped");
    expect(fate(`${two}same-security-traffic permit inter-interface\n`, { in: "dmz", out: "inside" })).to.equal(
      "accepted",
    );
  });

  it("takes 100 for inside and 0 for any other interface without a level", () => {
    const bare = interfaces.replace(/ security-level .*\n/g, "");
    expect(fate(bare, { in: "inside", out: "dmz" })).to.equal("accepted");
    expect(fate(bare, { in: "dmz", out: "inside" })).to.equal("dropped");
    expect(parse(bare).device.interfaces.map(({ name, side }) => `${name} ${side}`)).to.deep.equal([
      "outside outside",
      "inside inside",
      "dmz outside",
    ]);
  });

  it("sends nothing back out of the interface that it came from, unless that is permitted", () => {
    const open = inbound(["extended permit ip any any"]);
    expect(fate(open, { out: "outside" })).to.equal("dropped");
    expect(fate(`${open}same-security-traffic permit intra-interface\n`, { out: "outside" })).to.equal("accepted");
  });

  it("ends the list of an interface with a deny", () => {
    const web = inbound(["extended permit tcp any any eq www"]);
    expect(fate(web, { port: 80 })).to.equal("accepted");
    expect(fate(web)).to.equal("dropped");
    expect(fate(web, { in: "inside", out: "outside" })).to.equal("accepted");
  });

  it("goes on from an interface's list to the global list, and only then denies", () => {
    const both = `${inbound(["extended deny tcp any any eq 445"])}access-list ALL extended permit tcp any any
access-group ALL global
`;
    expect(fate(both)).to.equal("dropped");
    expect(fate(both, { port: 443 })).to.equal("accepted");
    expect(fate(both, { protocol: 17 })).to.equal("dropped");
    expect(fate(both, { in: "inside", out: "outside", protocol: 17 })).to.equal("dropped");
  });

  it("asks the list of the interface that the packet leaves by as well", () => {
    const out = `${inbound(["extended permit ip any any"])}access-list OUT extended permit tcp any any eq https
access-group OUT out interface inside
`;
    expect(fate(out)).to.equal("dropped");
    expect(fate(out, { port: 443 })).to.equal("accepted");
    expect(fate(out, { out: "dmz" })).to.equal("accepted");
  });

  it("does nothing with a list that is not bound, and says so", () => {
    const parsed = parse(`${interfaces}access-list LONELY extended permit ip any any\n`);
    expect(fate(parsed)).to.equal("dropped");
    expect(messages(parsed)).to.deep.equal(["RW6003 access-list LONELY is bound nowhere, so it does nothing"]);
    expect(
      messages(parse(`${interfaces}access-list VPN extended permit ip any any\ncrypto map M 1 match address VPN\n`)),
    ).to.deep.equal([]);
  });

  it("does not know what a list does that is bound and not there", () => {
    const parsed = parse(`${interfaces}access-group GONE in interface outside\n`);
    expect(fate(parsed)).to.equal("unknown");
    expect(fate(parsed, { in: "inside", out: "outside" })).to.equal("accepted");
    expect(messages(parsed)[0]).to.match(/^RW6005 .*GONE is bound and not defined/);
  });

  it("finds an interface by its name in other letters", () => {
    expect(
      fate(`${interfaces}access-list A extended permit ip any any\naccess-group A in interface OUTSIDE\n`),
    ).to.equal("accepted");
  });

  it("asks the list of a bridge for its members, behind their own", () => {
    const bridged = `${interfaces}interface BVI1
 nameif lan
 security-level 100
interface GigabitEthernet0/4
 bridge-group 1
 nameif lan_1
 security-level 100
access-list BRIDGE extended deny tcp any any eq 445
access-list BRIDGE extended permit ip any any
access-list OWN extended permit tcp any host 10.0.0.5
access-group BRIDGE in interface lan
`;
    const asked = { in: "lan_1", out: "outside", to: "10.0.0.5" };
    expect(fate(bridged, asked)).to.equal("dropped");
    expect(fate(bridged, { ...asked, port: 443 })).to.equal("accepted");
    const own = `${bridged}access-group OWN in interface lan_1\n`;
    expect(fate(own, asked)).to.equal("accepted");
    expect(fate(own, { ...asked, to: "10.0.0.6" })).to.equal("dropped");
  });

  it("lets the last binding of a place win, and takes bindings away", () => {
    const base = `${interfaces}access-list A extended permit ip any any\naccess-list B extended permit udp any any\n`;
    expect(fate(`${base}access-group A in interface outside\naccess-group B in interface outside\n`)).to.equal(
      "dropped",
    );
    const removed = `${base}access-group A in interface outside\nno access-group A in interface outside\n`;
    expect(fate(removed)).to.equal("dropped");
    expect(fate(removed, { in: "inside", out: "outside" })).to.equal("accepted");
    expect(
      fate(`${base}access-group A in interface inside\nclear configure access-list A\n`, {
        in: "inside",
        out: "outside",
      }),
    ).to.equal("accepted");
  });

  it("keeps a control-plane list for packets to the box, where it denies nothing at its end", () => {
    const parsed = parse(`${interfaces}access-list CP extended deny tcp any any eq 445
access-group CP in interface outside control-plane
`);
    const path = pathOf(parsed.device.paths, "input")!;
    const packet = {
      family: "ipv4",
      ingress: "outside",
      state: "new",
      protocol: 6,
      sourcePort: 1,
      icmpType: 0,
      icmpCode: 0,
    } as const;
    const rest = { tcpFlags: 2, source: 1, destination: 2, sourceMac: 0, conditions: new Set<string>() };
    expect(trace(path, { ...packet, ...rest, destinationPort: 445 }).fate).to.equal("dropped");
    expect(trace(path, { ...packet, ...rest, destinationPort: 22 }).fate).to.equal("undecided");
    expect(fate(parsed, { in: "inside", out: "outside" })).to.equal("accepted");
    expect(pathOf(parse(interfaces).device.paths, "input")).to.equal(undefined);
  });

  it("passes nothing through a management-only interface", () => {
    const managed = interfaces.replace(" nameif inside\n", " management-only\n nameif inside\n");
    expect(fate(managed, { in: "inside", out: "outside" })).to.equal("dropped");
  });

  it("does not claim what a user's own list would do", () => {
    const config = `${interfaces}access-list A extended permit ip any any\naccess-group A in interface outside per-user-override\n`;
    expect(fate(config)).to.equal("accepted");
    expect(fate(config, { if: ["a per-user list overrides the one of outside"] })).to.equal("unknown");
  });

  it("judges lists of which nothing says where they are bound on interfaces of their own names, and says that", () => {
    const parsed = parse("access-list outside_in extended permit tcp any any eq 80\n");
    expect(fate(parsed, { in: "outside_in", port: 80 })).to.equal("accepted");
    expect(fate(parsed, { in: "outside_in" })).to.equal("dropped");
    expect(fate(parsed, { in: "outside" })).to.equal("undecided");
    expect(messages(parsed)).to.deep.equal(["RW6005 nothing in this text says where access-list outside_in is bound"]);
  });

  it("says that VPN traffic passes the lists by, unless the configuration filters it", () => {
    const vpn = `${interfaces}crypto map M interface outside\n`;
    expect(messages(parse(vpn)).join()).to.match(/RW6003 .*VPN tunnel/);
    expect(messages(parse(`${vpn}no sysopt connection permit-vpn\n`))).to.deep.equal([]);
  });
});

describe("cisco-asa: entries", () => {
  const permits = (entry: string, asked: Asked, definitions?: string): string =>
    fate(inbound([entry], definitions), asked);

  it("read protocols by name and number, and ip as all of them", () => {
    expect(permits("extended permit gre any any", { protocol: 47 })).to.equal("accepted");
    expect(permits("extended permit 47 any any", { protocol: 47 })).to.equal("accepted");
    expect(permits("extended permit ipsec any any", { protocol: 50 })).to.equal("accepted");
    expect(permits("extended permit ip any any", { protocol: 255 })).to.equal("accepted");
  });

  it("read every operator on ports, and both ends of a range", () => {
    const cases: readonly [string, readonly number[], readonly number[]][] = [
      ["eq 445", [445], [444, 446]],
      ["neq 445", [444, 446], [445]],
      ["lt 445", [0, 444], [445]],
      ["gt 445", [446, 65535], [445]],
      ["range netbios-ns 139", [137, 139], [136, 140]],
      ["eq cifs", [3020], [445]],
      ["eq kerberos", [750], [88]],
      ["eq radius", [1645], [1812]],
    ];
    for (const [operator, inside, outside] of cases) {
      for (const port of inside)
        expect(permits(`extended permit tcp any any ${operator}`, { port }), operator).to.equal("accepted");
      for (const port of outside)
        expect(permits(`extended permit tcp any any ${operator}`, { port }), operator).to.equal("dropped");
    }
    expect(permits("extended permit udp any eq domain any", { protocol: 17, sourcePort: 53 })).to.equal("accepted");
    expect(permits("extended permit udp any eq domain any", { protocol: 17, port: 53 })).to.equal("dropped");
  });

  it("read addresses: any, host, network, prefix, interface, name, object", () => {
    const yes = (text: string, asked: Asked, definitions?: string): void => {
      expect(permits(`extended permit ip ${text}`, asked, definitions), text).to.equal("accepted");
    };
    const no = (text: string, asked: Asked, definitions?: string): void => {
      expect(permits(`extended permit ip ${text}`, asked, definitions), text).to.equal("dropped");
    };
    yes("any any", { from: "2001:db8::1" });
    no("any4 any4", { from: "2001:db8::1" });
    yes("any6 any6", { from: "2001:db8::1" });
    yes("192.0.2.0 255.255.255.0 any", { from: "192.0.2.255" });
    no("192.0.2.0 255.255.255.0 any", { from: "192.0.3.0" });
    yes("2001:db8::/32 any6", { from: "2001:db8:ffff::1" });
    yes("host 2001:db8::1 any", { from: "2001:db8::1" });
    yes("any interface inside", { to: "10.0.0.1" });
    no("any interface inside", { to: "10.0.0.2" });
    yes("partner 255.255.255.0 any", { from: "192.0.2.9" }, "name 192.0.2.0 partner description ours\n");
    yes("any host server", { to: "10.0.0.5" }, "name 10.0.0.5 server\n");
    yes("any object R", { to: "10.0.0.9" }, "object network R\n range 10.0.0.5 10.0.0.9\n");
    no("any object R", { to: "10.0.0.10" }, "object network R\n range 10.0.0.5 10.0.0.9\n");
    yes("any object V", { from: "2001:db8::1" }, "object network V\n subnet 2001:db8::/64\n");
  });

  it("keep an object when it comes again with nat alone", () => {
    const twice = "object network S\n host 10.0.0.5\nobject network S\n nat (inside,outside) static 203.0.113.9\n";
    const parsed = parse(inbound(["extended permit ip any object S"], twice));
    expect(fate(parsed)).to.equal("accepted");
    expect(fate(parsed, { to: "203.0.113.9" })).to.equal("dropped");
    expect(messages(parsed)).to.deep.equal([
      "RW6007 addresses are translated; the lists see the real ones, and packets on the outside carry others",
    ]);
  });

  it("follow nested groups of networks, of both families", () => {
    const groups = `object network one
 host 10.0.0.5
object-group network inner
 network-object object one
 network-object 2001:db8::/64
object-group network outer
 description all of them
 group-object inner
 network-object 10.7.0.0 255.255.0.0
`;
    for (const [to, from] of [
      ["10.0.0.5", "192.0.2.1"],
      ["10.7.9.9", "192.0.2.1"],
      ["2001:db8::77", "2001:db8::1"],
    ] as const) {
      expect(permits("extended permit ip any object-group outer", { to, from }, groups)).to.equal("accepted");
    }
    expect(permits("extended permit ip any object-group outer", { to: "10.8.0.0" }, groups)).to.equal("dropped");
  });

  it("follow groups of services, protocols, ports and ICMP types", () => {
    const groups = `object service HIGH
 service tcp source range 1024 65535 destination eq 8443
object-group service MIXED
 service-object tcp-udp destination eq domain
 service-object tcp eq 8080
 service-object udp source eq 3 eq 1236   ! both ports
 service-object icmp echo
 service-object object HIGH
 group-object MORE
object-group service MORE
 service-object esp
object-group protocol BOTH
 protocol-object tcp
 protocol-object udp
object-group service WEB tcp
 port-object eq https
 port-object range 8000 8010
object-group icmp-type ICMP
 icmp-object echo-reply
 icmp-object 11
`;
    const mixed = (asked: Asked): string => permits("extended permit object-group MIXED any any", asked, groups);
    expect(mixed({ protocol: 17, port: 53 })).to.equal("accepted");
    expect(mixed({ protocol: 6, port: 53 })).to.equal("accepted");
    expect(mixed({ port: 8080 })).to.equal("accepted");
    expect(mixed({ sourcePort: 8080 })).to.equal("dropped");
    expect(mixed({ protocol: 17, sourcePort: 3, port: 1236 })).to.equal("accepted");
    expect(mixed({ protocol: 17, sourcePort: 4, port: 1236 })).to.equal("dropped");
    expect(mixed({ protocol: 1, type: 8 })).to.equal("accepted");
    expect(mixed({ protocol: 1, type: 0 })).to.equal("dropped");
    expect(mixed({ port: 8443 })).to.equal("accepted");
    expect(mixed({ port: 8443, sourcePort: 80 })).to.equal("dropped");
    expect(mixed({ protocol: 50 })).to.equal("accepted");
    const both = "extended permit object-group BOTH any any object-group WEB";
    expect(permits(both, { protocol: 17, port: 8010 }, groups)).to.equal("accepted");
    expect(permits(both, { port: 8011 }, groups)).to.equal("dropped");
    expect(permits("extended permit tcp any object-group WEB any", { sourcePort: 443 }, groups)).to.equal("accepted");
    expect(permits("extended permit icmp any any object-group ICMP", { protocol: 1, type: 11 }, groups)).to.equal(
      "accepted",
    );
    expect(permits("extended permit icmp any any object-group ICMP", { protocol: 1, type: 8 }, groups)).to.equal(
      "dropped",
    );
  });

  it("read types and codes of ICMP and ICMPv6 by their own names", () => {
    expect(permits("extended permit icmp any any echo", { protocol: 1, type: 8 })).to.equal("accepted");
    expect(permits("extended permit icmp any any unreachable 4", { protocol: 1, type: 3, code: 4 })).to.equal(
      "accepted",
    );
    expect(permits("extended permit icmp any any unreachable 4", { protocol: 1, type: 3, code: 3 })).to.equal(
      "dropped",
    );
    expect(permits("extended permit icmp6 any any echo", { from: "2001:db8::1", protocol: 58, type: 128 })).to.equal(
      "accepted",
    );
  });

  it("do without `extended`, take line numbers, logging, and skip remarks and what is inactive", () => {
    expect(permits("permit tcp any any eq 445", {})).to.equal("accepted");
    expect(
      permits("extended permit tcp any any eq 445 log informational interval 300 time-range T", {
        if: ["time-range T is active"],
      }),
    ).to.equal("accepted");
    expect(permits("extended permit tcp any any eq 445 log disable", {})).to.equal("accepted");
    expect(permits("extended permit tcp any any eq 445 log 6 interval 1 inactive", {})).to.equal("dropped");
    expect(permits("remark permit ip any any", {})).to.equal("dropped");
    expect(fate(inbound(["extended permit tcp any any", "line 1 extended deny tcp any any eq 445"]))).to.equal(
      "dropped",
    );
    expect(
      fate(inbound(["remark one", "extended permit tcp any any", "line 3 extended deny tcp any any eq 445"])),
    ).to.equal("accepted");
  });

  it("can be taken away one by one", () => {
    const removed = `${inbound(["extended deny tcp any any eq 445", "extended permit ip any any"])}no access-list IN extended deny tcp any any eq 445\n`;
    expect(fate(removed)).to.equal("accepted");
  });

  it("leave open what the text does not decide: times, names, users, security groups, addresses from DHCP", () => {
    const cases: readonly [string, string, string?][] = [
      ["extended permit tcp any any time-range T", "time-range T is active"],
      [
        "extended permit tcp any object F",
        "destination is an address of files.example.org",
        "object network F\n fqdn v4 files.example.org\n",
      ],
      ["extended permit tcp any interface dmz", "destination is an address of interface dmz"],
      ["extended permit tcp user LOCAL\\joe any any", "user is user LOCAL\\joe"],
      ["extended permit tcp object-group-user staff any any", "user is object-group-user staff"],
      ["extended permit tcp security-group name guests any any", "source is of security-group name guests"],
      ["extended permit tcp any object-group-security servers any", "destination is of security-group servers"],
      ["extended permit tcp any object-group GONE", "destination belongs to GONE, which is not defined"],
    ];
    for (const [entry, condition, definitions] of cases) {
      expect(permits(entry, {}, definitions), entry).to.equal("dropped");
      expect(permits(entry, { if: [condition] }, definitions), entry).to.equal("accepted");
    }
  });

  it("speak of one family before version 9, where IPv6 has lists of its own", () => {
    const old = `${inbound(["extended permit ip any any"])}ipv6 access-list IN6 permit tcp any host 2001:db8::5 eq 443
access-group IN6 in interface outside
`.replace("9.16(1)", "8.4(2)");
    expect(fate(old)).to.equal("accepted");
    expect(fate(old, { from: "2001:db8::1" })).to.equal("dropped");
    expect(fate(old, { from: "2001:db8::1", port: 443 })).to.equal("accepted");
  });
});

describe("cisco-asa: text that an ASA would not take, or not as it looks", () => {
  const about = (config: string): { code: string; text: string; message: string }[] =>
    parse(config).diagnostics.map(({ code, primary, message }) => ({
      code,
      text: primary === undefined ? "" : spanText(primary),
      message,
    }));

  it("makes an entry unknown, for the packets that were read of it", () => {
    const config = inbound(["extended permit tcp any any eq 80 frobnicate", "extended deny ip any any"]);
    expect(fate(config, { port: 80 })).to.equal("unknown");
    expect(fate(config, { port: 81 })).to.equal("dropped");
    expect(about(config)).to.deep.equal([
      {
        code: "RW6001",
        text: "frobnicate",
        message: '"frobnicate" is not understood in this place; what this entry does is unknown',
      },
    ]);
  });

  it("names the word that was probably meant", () => {
    expect(about(inbound(["extended permit tcp any any eq htps"]))[0]!.message).to.include('did you mean "https"');
    expect(about(inbound(["extended permit tcpp any any"]))[0]!.message).to.include('did you mean "tcp"');
  });

  it("does not take a wildcard mask for a netmask", () => {
    const config = inbound(["extended permit ip 192.0.2.0 0.0.0.255 any"]);
    expect(about(config)[0]).to.include({ code: "RW6003", text: "192.0.2.0 0.0.0.255 any" });
    expect(fate(config)).to.equal("dropped");
    expect(fate(config, { if: ["source fits 192.0.2.0 0.0.0.255"] })).to.equal("accepted");
  });

  it("does not round an address to its mask", () => {
    const [problem] = about(inbound(["extended permit ip 192.0.2.7 255.255.255.0 any"]));
    expect(problem).to.include({ code: "RW6004" });
    expect(problem!.message).to.match(/bits behind its mask/);
  });

  it("adds nothing certain for a line of a group that it cannot read", () => {
    const config = inbound(
      ["extended permit ip any object-group G"],
      "object-group network G\n network-object host 10.0.0.5\n network-objekt host 10.0.0.6\n",
    );
    expect(fate(config)).to.equal("accepted");
    expect(fate(config, { to: "10.0.0.6" })).to.equal("dropped");
    expect(
      fate(config, { to: "10.0.0.6", if: ["destination belongs to lines of G that are not understood"] }),
    ).to.equal("accepted");
    expect(about(config)[0]).to.include({ code: "RW6001", text: "network-objekt host 10.0.0.6" });
  });

  it("follows no circle of groups", () => {
    const circle =
      "object-group network A\n group-object B\nobject-group network B\n group-object A\n network-object host 10.0.0.5\n";
    const config = inbound(["extended permit ip any object-group A"], circle);
    expect(fate(config)).to.equal("accepted");
    expect(about(config)[0]!.message).to.include("contains itself");
  });

  it("refuses a standard list where packets are filtered", () => {
    const config = inbound(["standard permit host 10.0.0.5"]);
    expect(fate(config)).to.equal("unknown");
  });

  it("takes a slip in a command that filters for something that matters", () => {
    expect(fate(`${interfaces}acess-list IN extended permit ip any any\n`, { in: "inside", out: "outside" })).to.equal(
      "unknown",
    );
    const other = parse(`${interfaces}quux on\n`);
    expect(fate(other, { in: "inside", out: "outside" })).to.equal("accepted");
    expect(other.diagnostics.map(({ code, severity }) => `${code} ${severity}`)).to.deep.equal(["RW6001 note"]);
  });

  it("does not mix two configurations in one text", () => {
    expect(fate(`${interfaces}${interfaces}`, { in: "inside", out: "outside" })).to.equal("unknown");
  });

  it("says where: file, line and column of a rule", () => {
    const { device } = parse(inbound(["extended permit tcp any any eq 445"]));
    const rule = pathOf(device.paths, "forward")!.filters[0]!.chains.get("access-list IN")!.rules[0]!;
    const { source, start } = rule.origin.span!;
    expect(lineText(source, positionOf(source, start).line)).to.equal(
      "access-list IN extended permit tcp any any eq 445",
    );
  });
});

describe("cisco-asa: the ways in which a configuration comes", () => {
  it("reads what show running-config prints, with its frame, comments and line ends", () => {
    const printed = `: Saved
:
: Serial Number: XXX
: Hardware:   ASA5516
!
${inbound(["extended permit tcp any any eq 445 "])}banner exec access-list is not here
!
Cryptochecksum:0123
: end
`.replaceAll("\n", "\r\n");
    const parsed = parse(printed);
    expect(fate(parsed)).to.equal("accepted");
    expect(parsed.diagnostics).to.deep.equal([]);
    expect(asa.detect({ path: "x", text: printed })).to.equal(1);
  });

  it("reads pasted commands without indentation, and the log of a terminal with prompts and a pager", () => {
    const flat = inbound(
      ["extended permit ip any object-group G"],
      "object-group network G\n network-object host 10.0.0.5\n",
    ).replace(/^ +/gm, "");
    expect(fate(flat)).to.equal("accepted");
    const log = flat
      .split("\n")
      .map((line) => `fw/act(config)# ${line}`)
      .join("\n");
    expect(fate(log)).to.equal("accepted");
    expect(fate(flat.replace("access-group", "<--- More --->              \raccess-group"))).to.equal("accepted");
  });

  const shown = `access-list IN; 3 elements; name hash: 0x1a2b3c4d
access-list IN line 1 remark -- web
access-list IN line 2 extended permit tcp any object-group WEB eq www log informational interval 300 (hitcnt=5) 0x0d8479f0
  access-list IN line 2 extended permit tcp any host 10.0.0.5 eq www log informational interval 300 (hitcnt=5) 0x11111111
  access-list IN line 2 extended permit tcp any host 10.0.0.6 eq www log informational interval 300 (hitcnt=0) 0x22222222
access-list IN line 3 extended permit udp any any eq domain inactive (hitcnt=0) (inactive) 0x33333333
`;

  it("reads show access-list, where the lines below an entry stand for its groups", () => {
    const parsed = parse(interfaces, shown, "access-group IN in interface outside\n");
    expect(fate(parsed, { port: 80 })).to.equal("accepted");
    expect(fate(parsed, { port: 80, to: "10.0.0.7" })).to.equal("dropped");
    expect(fate(parsed, { protocol: 17, port: 53 })).to.equal("dropped");
    expect(parsed.diagnostics).to.deep.equal([]);
    const rules = pathOf(parsed.device.paths, "forward")!.filters[0]!.chains.get("access-list IN")!.rules;
    expect(rules.length).to.equal(1);
  });

  it("does not take the lines for all where the device counts more", () => {
    const cut = parse(
      interfaces,
      shown.replace("; 3 elements", "; 300 elements"),
      "access-group IN in interface outside\n",
    );
    expect(fate(cut, { port: 80 })).to.equal("accepted");
    expect(fate(cut, { port: 80, to: "10.0.0.7", if: ["destination belongs to WEB, which is not defined"] })).to.equal(
      "accepted",
    );
    expect(messages(cut).join()).to.include("300 elements and 3 are shown");
  });

  it("prefers the configuration to what is shown of it", () => {
    const both = parse(
      `${interfaces}object-group network WEB\n network-object host 10.0.0.5\naccess-list IN extended permit tcp any object-group WEB\naccess-group IN in interface outside\n`,
      shown,
    );
    expect(fate(both)).to.equal("accepted");
  });

  it("knows nothing of a list of which only hashes are shown", () => {
    const brief = parse(
      "access-list IN; 1 elements; name hash: 0xccfef45c\n06228509 d0a2680b 00006049 6178289f\n",
      "access-group IN in interface outside\n",
    );
    expect(fate(brief)).to.equal("unknown");
  });
});

describe("cisco-asa: any text", () => {
  const config = inbound(
    [
      "extended permit tcp any object-group G eq www",
      "extended permit icmp any any echo",
      "remark x",
      "line 1 deny ip host 1.1.1.1 any",
    ],
    "object-group network G\n network-object host 10.0.0.5\n group-object H\nobject service S\n service tcp destination eq 80\n",
  );

  it("is read to its end without falling over: cut, with parts exchanged, with anything put in", () => {
    const words = fc.constantFrom(
      "object-group",
      "extended",
      "permit",
      "host",
      "range",
      "line",
      "0",
      "-1",
      "\u0000",
      '"',
      "no",
      "clear configure",
      "\n",
      " ",
      "interface",
      "::/129",
      "10.0.0.0",
    );
    fc.assert(
      fc.property(fc.nat(config.length), fc.nat(config.length), fc.array(words), (a, b, put) => {
        const mutant = config.slice(0, Math.min(a, b)) + put.join(" ") + config.slice(Math.max(a, b));
        const { device } = parse(mutant);
        for (const path of device.paths) {
          for (const filter of path.filters) expect(filter.chains.has(filter.entry)).to.equal(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("says something about every line that was cut short inside the filter", () => {
    for (let end = interfaces.length; end < config.length; end++) {
      const cut = config.slice(0, end);
      const last = cut.slice(cut.lastIndexOf("\n") + 1);
      if (last === "" || !/^access-list IN (?:line \d+ )?(?:extended )?(?:permit|deny)/.test(last)) continue;
      const { device, diagnostics } = parse(`${cut}\naccess-group IN in interface outside\n`);
      const rules = pathOf(device.paths, "forward")!.filters[0]!.chains.get("access-list IN")!.rules;
      const read = rules.at(-1)!;
      const whole = /^access-list IN .*(?:any|any object-group G(?: eq (?:www|ww?)?)?|any echo|any e.*)$/.test(last);
      if (!whole) expect(read.verdict === "unknown" || diagnostics.length > 0, last).to.equal(true);
    }
  });
});

describeShared("cisco-asa: the corpus", (folder) => {
  const corpus = join(folder, "corpus/cisco-asa");
  for (const file of readdirSync(corpus)) {
    it(`leaves nothing unread that matters in ${file}`, () => {
      const { diagnostics } = asa.parse([{ path: file, text: readFileSync(join(corpus, file), "utf8") }], {});
      const unread = diagnostics.filter(({ code }) => code === "RW6001").map(({ message }) => message);
      expect(unread).to.deep.equal(
        file.includes("brief")
          ? ["the entries of this list are not shown, only their hashes; what it does is unknown"]
          : [],
      );
    });
  }
});
