import { expect } from "chai";
import * as fc from "fast-check";
import type { Packet } from "../../src/ir/index.js";
import { matches, trace } from "../../src/packet-set/index.js";
import type { Edge } from "../../src/policy/index.js";
import { parseService, serviceMatch, truthOf } from "../../src/policy/index.js";
import { runs } from "../support/runs.js";
import { compile, edgeOf, feeds, policy } from "./policies.js";

describe("an edge", () => {
  it("says of every packet what the policy says, read rule by rule", () => {
    fc.assert(
      fc.property(aPolicy, fc.array(aPacket, { minLength: 30, maxLength: 30 }), (written, packets) => {
        const { edge } = compile(JSON.stringify(written));
        fc.pre(edge !== undefined); // such as a rule whose family has no addresses
        const device = truthOf(edge, { outside: ["wan0"], hooks: ["forward"] });
        for (const packet of packets) {
          expect(trace(device.paths[0]!, packet).fate, JSON.stringify(written)).to.equal(wordOf(written, packet));
        }
      }),
      runs(200),
    );
  });

  it("keeps of a rule the families in which it can match", () => {
    const rule = (body: string): Edge["rules"][number] =>
      edgeOf(policy(`${feeds}rules: [{ name: r, ${body} }]\n`)).rules[0]!;
    expect(rule("deny: any").families).to.deep.equal(["ipv4", "ipv6"]);
    expect(rule("deny: any, family: ipv6").families).to.deep.equal(["ipv6"]);
    expect(rule("deny: any, to: 10.0.0.0/8").families).to.deep.equal(["ipv4"]);
    expect(rule("deny: icmpv6/135").families).to.deep.equal(["ipv6"]);
    expect(rule("deny: icmp, family: ipv4").services.map((one) => one.protocol)).to.deep.equal([1]);
    expect(rule("deny: [icmp, tcp/1], to: '2001:db8::/32'").services.map((one) => one.protocol)).to.deep.equal([58, 6]);
  });

  it("keeps of an exception what lies within its rule", () => {
    const [rule] = edgeOf(
      policy(`services: { smb: tcp/445 }
rules:
  - name: r
    deny: [smb, udp/137-138]
    direction: outbound
    except: [{ to: [10.0.0.0/8, "::/0"], from: 10.9.0.0/16, service: [tcp, udp/138-200], reason: CHG-1, expires: 2027-06-30 }]
`),
    ).rules;
    const [exception] = rule!.exceptions;
    expect(exception).to.deep.include({
      directions: ["outbound"],
      families: ["ipv4"],
      reason: "CHG-1",
      expires: "2027-06-30",
    });
    expect(exception!.services.map((one) => one.label)).to.deep.equal(["smb", "udp/138-200 of udp/137-138"]);
    expect(exception!.services[1]!.destinationPorts).to.deep.equal([{ first: 138, last: 138 }]);
  });

  it("has an exception without keys of its own take what its rule says", () => {
    const [rule] = edgeOf(policy("rules: [{ name: r, reject: tcp/1, family: ipv6, except: [{ to: '::1' }] }]\n")).rules;
    const [exception] = rule!.exceptions;
    expect(exception!.services).to.deep.equal(rule!.services);
    expect(exception!.directions).to.deep.equal(["inbound", "outbound"]);
    expect(exception!.families).to.deep.equal(["ipv6"]);
    expect(exception!.from.label).to.equal("any");
  });

  it("is the same for the same text, key order of mappings apart", () => {
    const text = policy("networks: { a: 10.0.0.0/8 }\nrules: [{ name: r, deny: tcp/1, to: a, log: true }]\n");
    const turned = policy("rules: [{ log: true, to: a, deny: tcp/1, name: r }]\nnetworks: { a: 10.0.0.0/8 }\n");
    const plain = (edge: Edge): unknown =>
      JSON.parse(
        JSON.stringify(edge, (key, value: unknown) =>
          key === "span" ? undefined : typeof value === "bigint" ? `${value}` : value,
        ),
      );
    expect(plain(edgeOf(turned))).to.deep.equal(plain(edgeOf(text)));
  });
});

describe("the id of an endpoint", () => {
  const ids = (networks: string, ...to: string[]): string[] =>
    edgeOf(
      policy(
        `networks:\n${networks}rules:\n${to.map((one, i) => `  - { name: r${i}, deny: tcp/${i}, to: ${one} }\n`).join("")}`,
      ),
    ).rules.map((rule) => rule.to.id);

  it("is made from the name, or from the words of what stands in the rule", () => {
    expect(
      ids("  azure-files: 10.0.0.0/8\n", "azure-files", "192.0.2.0/24", "any", "[azure-files, ::1]"),
    ).to.deep.equal(["azure-files", "net-192-0-2-0-24", "any", "azure-files-1"]);
  });

  it("is the same for the same set, whatever it is called", () => {
    expect(ids("  a: 10.0.0.0/8\n  b: [10.0.0.0/9, 10.128.0.0/9]\n", "a", "b", "10.0.0.0/8")).to.deep.equal([
      "a",
      "a",
      "a",
    ]);
  });

  it("is never the same for two sets, also where only case or punctuation tells the names apart", () => {
    const networks = "  a.b: 10.1.0.0/16\n  a_b: 10.2.0.0/16\n  A-B: 10.3.0.0/16\n  a-b: 10.4.0.0/16\n";
    const found = ids(networks, "a.b", "a_b", "A-B", "a-b");
    expect(found[0]).to.equal("a-b");
    expect(new Set(found.map((id) => id.toLowerCase())).size).to.equal(4);
    for (const id of found) expect(id).to.match(/^[A-Za-z][A-Za-z0-9-]*$/);
  });

  it("stays short where the words are long", () => {
    const list = `[${Array.from({ length: 20 }, (_, i) => `10.${i}.0.0/16`).join(", ")}]`;
    expect(ids("  x: ::1\n", list)[0]).to.match(/^set-[0-9a-f]{8}$/);
  });

  it("does not change when a rule is added before", () => {
    const networks = "  a.b: 10.1.0.0/16\n  a_b: 10.2.0.0/16\n";
    expect(ids(networks, "a_b", "a.b").reverse()).to.deep.equal(ids(networks, "a.b", "a_b"));
  });
});

interface WrittenBox {
  readonly from?: string | readonly string[];
  readonly to?: string | readonly string[];
  readonly direction?: string;
  readonly family?: string;
}
interface WrittenRule extends WrittenBox {
  readonly name: string;
  readonly deny?: readonly string[];
  readonly reject?: readonly string[];
  readonly permit?: readonly string[];
  readonly except?: readonly (WrittenBox & { readonly service?: readonly string[] })[];
}
interface WrittenPolicy {
  readonly version: 1;
  readonly name: string;
  readonly rules: readonly WrittenRule[];
  readonly default: string;
}

/** The members of the literals below, by the last byte of the address: a tiny world of 8 addresses of each family. */
const literals: Readonly<Record<string, (family: string, n: number) => boolean>> = {
  any: () => true,
  "192.0.2.0/30": (family, n) => family === "ipv4" && n < 4,
  "192.0.2.2-192.0.2.5": (family, n) => family === "ipv4" && n >= 2 && n <= 5,
  "192.0.2.7": (family, n) => family === "ipv4" && n === 7,
  "2001:db8::/126": (family, n) => family === "ipv6" && n < 4,
  "2001:db8::3-2001:db8::6": (family, n) => family === "ipv6" && n >= 3 && n <= 6,
  "::/0": (family) => family === "ipv6",
};

const aNetwork = fc.oneof(
  fc.constantFrom(...Object.keys(literals)),
  fc.array(fc.constantFrom(...Object.keys(literals)), { minLength: 1, maxLength: 3 }),
);
const someServices = fc.array(
  fc.constantFrom(
    "any",
    "tcp",
    "tcp/1",
    "tcp/1-2",
    "tcp/2>1",
    "udp/1",
    "icmp",
    "icmp/echo-request",
    "icmpv6/128",
    "gre",
  ),
  { minLength: 1, maxLength: 3 },
);
const box = {
  from: aNetwork,
  to: aNetwork,
  direction: fc.constantFrom("inbound", "outbound", "both"),
  family: fc.constantFrom("ipv4", "ipv6", "both"),
};
const anException = fc
  .record({ ...box, service: someServices }, { requiredKeys: [] })
  .filter((one) => Object.keys(one).length > 0);
const aRule = fc
  .record({ ...box, except: fc.array(anException, { minLength: 1, maxLength: 3 }) }, { requiredKeys: [] })
  .chain((rest) =>
    fc
      .tuple(fc.constantFrom("deny", "reject", "permit"), someServices)
      .map(([action, list]) => ({ ...rest, [action]: list })),
  );
const aPolicy: fc.Arbitrary<WrittenPolicy> = fc
  .record({ rules: fc.array(aRule, { minLength: 1, maxLength: 4 }), default: fc.constantFrom("continue", "permit") })
  .map((one) => ({
    version: 1,
    name: "random",
    rules: one.rules.map((rule, i) => ({ name: `r${i}`, ...rule })),
    default: one.default,
  }));

const aPacket: fc.Arbitrary<Packet> = fc
  .record({
    family: fc.constantFrom("ipv4" as const, "ipv6" as const),
    way: fc.constantFrom("inbound", "outbound"),
    protocol: fc.constantFrom(6, 6, 17, 1, 58, 47),
    ports: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })),
    icmpType: fc.constantFrom(8, 128),
    source: fc.nat({ max: 7 }),
    destination: fc.nat({ max: 7 }),
  })
  .map(({ family, way, protocol, ports, icmpType, source, destination }) => {
    const hasPorts = protocol === 6 || protocol === 17;
    const address = (n: number): number | bigint =>
      family === "ipv4" ? 0xc0000200 + n : (0x20010db8n << 96n) + BigInt(n);
    return {
      family,
      ingress: way === "inbound" ? "wan0" : "lan0",
      egress: way === "inbound" ? "lan0" : "wan0",
      state: "new",
      protocol,
      sourcePort: hasPorts ? ports[0] : 0,
      destinationPort: hasPorts ? ports[1] : 0,
      icmpType: protocol === 1 || protocol === 58 ? icmpType : 0,
      icmpCode: 0,
      tcpFlags: 2,
      source: address(source),
      destination: address(destination),
      sourceMac: 0,
      conditions: new Set<string>(),
    };
  });

/** The policy read as its reference says it, without anything that the resolver or the lowering does. */
function wordOf(written: WrittenPolicy, packet: Packet): string {
  for (const rule of written.rules) {
    const services = rule.deny ?? rule.reject ?? rule.permit ?? [];
    const excepted = (rule.except ?? []).some((one) => inBox(one, one.service ?? ["any"], packet));
    if (!inBox(rule, services, packet) || excepted) continue;
    return rule.deny !== undefined ? "dropped" : rule.reject !== undefined ? "rejected" : "accepted";
  }
  return written.default === "permit" ? "accepted" : "undecided";
}

function inBox(one: WrittenBox, services: readonly string[], packet: Packet): boolean {
  const direction = packet.ingress === "wan0" ? "inbound" : "outbound";
  const isIn = (network: string | readonly string[] | undefined, address: number | bigint): boolean =>
    [network ?? "any"].flat().some((text) => literals[text]!(packet.family, Number(BigInt(address) & 7n)));
  const isOf = (text: string): boolean => {
    const read = parseService(text);
    return read.ok && read.services.some((service) => matches(serviceMatch(service), packet));
  };
  return (
    [direction, "both", undefined].includes(one.direction) &&
    [packet.family, "both", undefined].includes(one.family) &&
    isIn(one.from, packet.source) &&
    isIn(one.to, packet.destination) &&
    services.some(isOf)
  );
}
