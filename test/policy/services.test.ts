import { expect } from "chai";
import * as fc from "fast-check";
import type { Packet } from "../../src/ir/index.js";
import { matches } from "../../src/packet-set/index.js";
import type { Service } from "../../src/policy/index.js";
import { parseService, serviceMatch } from "../../src/policy/index.js";
import { serviceCovers, servicesInCommon } from "../../src/policy/services.js";
import { runs } from "../support/runs.js";
import { edgeOf, policy } from "./policies.js";

describe("a service", () => {
  const written: readonly (readonly [text: string, meaning: readonly string[]])[] = [
    ["any", ["any"]],
    ["tcp/445", ["6 >445"]],
    ["udp/137-138", ["17 >137-138"]],
    ["tcp", ["6"]],
    ["tcp/*", ["6"]],
    ["tcp/0-65535", ["6"]],
    ["tcp/1024-65535>445", ["6 1024-65535>445"]],
    ["udp/53>*", ["17 53>"]],
    ["tcp/*>22", ["6 >22"]],
    ["sctp/2905", ["132 >2905"]],
    ["icmp", ["1 ipv4", "58 ipv6"]],
    ["icmp/echo-request", ["1 ipv4 type 8", "58 ipv6 type 128"]],
    ["icmp/neighbor-solicitation", ["58 ipv6 type 135"]],
    ["icmp/8", ["1 ipv4 type 8"]],
    ["icmp/3/4", ["1 ipv4 type 3 code 4"]],
    ["icmp/fragmentation-needed", ["1 ipv4 type 3 code 4"]],
    ["icmpv4", ["1 ipv4"]],
    ["icmpv6", ["58 ipv6"]],
    ["icmpv6/135", ["58 ipv6 type 135"]],
    ["icmpv6/echo-reply", ["58 ipv6 type 129"]],
    ["gre", ["47"]],
    ["esp", ["50"]],
    ["protocol/47", ["47"]],
    ["protocol/0", ["0"]],
  ];
  for (const [text, meaning] of written) {
    it(`written as ${text} is ${meaning.join(" and ")}`, () => {
      const read = parseService(text);
      if (!read.ok) throw new Error(read.problem.why);
      expect(read.services.map(brief)).to.deep.equal(meaning);
      expect(read.services.every((one) => one.label === text)).to.equal(true);
    });
  }

  it("that is refused with a correction is accepted when corrected", () => {
    for (const wrong of [
      "TCP/445",
      "tcp/https",
      "tcp/0445",
      "udp/138-137",
      "gre/3",
      "tpc/445",
      "icmp/echo-reqest",
      "any/3",
    ]) {
      const read = parseService(wrong);
      if (read.ok) throw new Error(`${wrong} was read`);
      expect(parseService(read.problem.instead!).ok, wrong).to.equal(true);
    }
  });

  it("can be a mapping, where ports are numbers, ranges or a list", () => {
    expect(services("{ protocol: tcp, ports: [445, 137-139] }")).to.deep.equal(["6 >137-139,445 tcp/445,137-139"]);
    expect(services("{ protocol: udp, ports: 53, source-ports: 1024-65535 }")).to.deep.equal([
      "17 1024-65535>53 udp/1024-65535>53",
    ]);
    expect(services("{ protocol: sctp }")).to.deep.equal(["132 sctp"]);
  });

  it("goes by the name that the rule uses", () => {
    expect(services("[smb, tcp/139]")).to.deep.equal(["6 >445 smb", "6 >139 tcp/139"]);
    expect(services("files")).to.deep.equal(["6 >445 files", "17 >137-138 files"]);
  });

  it("that another of the rule covers is left out", () => {
    expect(services("[tcp/445, smb, tcp/440-450, udp/53]")).to.deep.equal(["6 >440-450 tcp/440-450", "17 >53 udp/53"]);
    expect(services("[tcp/445, smb]")).to.deep.equal(["6 >445 tcp/445"]);
    expect(services("[icmp, icmp/echo-request, icmp/3/4, any]")).to.deep.equal(["any any"]);
    expect(services("[icmp/3/4, icmp/3]")).to.deep.equal(["1 ipv4 type 3 icmp/3"]);
  });

  it("covers another only when each of its packets is one of its own", () => {
    fc.assert(
      fc.property(service, service, packet, (a, b, one) => {
        if (serviceCovers(a, b) && holds(b, one)) expect(holds(a, one)).to.equal(true);
        if (serviceCovers(a, b) && serviceCovers(b, a)) expect(holds(a, one)).to.equal(holds(b, one));
      }),
      runs(1000),
    );
  });

  it("has in common with others exactly the packets of both", () => {
    const list = fc.array(service, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(list, list, packet, (as, bs, one) => {
        const inBoth = as.some((a) => holds(a, one)) && bs.some((b) => holds(b, one));
        expect(servicesInCommon(as, bs).some((common) => holds(common, one))).to.equal(inBoth);
      }),
      runs(1000),
    );
  });
});

const texts = [
  ...["any", "tcp", "tcp/1", "tcp/1-2", "tcp/2-3", "tcp/1>2", "tcp/1-2>*", "tcp/2>1-3", "udp/1", "udp", "protocol/6"],
  ...["icmp", "icmp/echo-request", "icmp/3", "icmp/3/4", "icmpv6", "icmpv6/128", "protocol/1", "protocol/58", "gre"],
];
const service: fc.Arbitrary<Service> = fc.constantFrom(
  ...texts.flatMap((text) => {
    const read = parseService(text);
    return read.ok ? read.services : [];
  }),
);

const packet: fc.Arbitrary<Packet> = fc
  .record({
    family: fc.constantFrom("ipv4", "ipv6"),
    protocol: fc.constantFrom(6, 6, 17, 1, 58, 47),
    sourcePort: fc.nat({ max: 4 }),
    destinationPort: fc.nat({ max: 4 }),
    icmpType: fc.constantFrom(3, 8, 128),
    icmpCode: fc.constantFrom(0, 4),
  })
  .map((fields) => {
    const hasPorts = fields.protocol === 6 || fields.protocol === 17;
    const isIcmp = fields.protocol === 1 || fields.protocol === 58;
    return {
      family: fields.family as "ipv4" | "ipv6",
      state: "new" as const,
      protocol: fields.protocol,
      sourcePort: hasPorts ? fields.sourcePort : 0,
      destinationPort: hasPorts ? fields.destinationPort : 0,
      icmpType: isIcmp ? fields.icmpType : 0,
      icmpCode: isIcmp ? fields.icmpCode : 0,
      tcpFlags: 0,
      source: fields.family === "ipv4" ? 0 : 0n,
      destination: fields.family === "ipv4" ? 0 : 0n,
      sourceMac: 0,
      conditions: new Set<string>(),
    };
  });

function holds(of: Service, one: Packet): boolean {
  return matches(serviceMatch(of), one) === true;
}

/** `6 1024-65535>445`: protocol, family, ports, type and code. */
function brief({ protocol, family, sourcePorts, destinationPorts, icmp }: Service): string {
  const ports = (set: Service["sourcePorts"]): string =>
    set
      .map(({ first, last }) => (first === 0 && last === 65535 ? "" : first === last ? `${first}` : `${first}-${last}`))
      .join();
  const both = `${ports(sourcePorts)}>${ports(destinationPorts)}`;
  const type = icmp === undefined ? "" : ` type ${icmp.type}${icmp.code === undefined ? "" : ` code ${icmp.code}`}`;
  return `${protocol}${family === undefined ? "" : ` ${family}`}${both === ">" ? "" : ` ${both}`}${type}`;
}

function services(deny: string): string[] {
  const text = policy(`services: { smb: tcp/445, files: [smb, udp/137-138] }\nrules: [{ name: r, deny: ${deny} }]\n`);
  return edgeOf(text).rules[0]!.services.map((one) => `${brief(one)} ${one.label}`);
}
