import { expect } from "chai";
import * as fc from "fast-check";
import { states } from "../../src/ir/index.js";
import { packetText, readPacket } from "../../src/jobs/packet-syntax.js";
import { formatIpv4, formatIpv6 } from "../../src/net/index.js";
import { renderDiagnostics } from "../../src/report/index.js";

describe("a packet on the command line", () => {
  it("needs protocol, two addresses and a destination port", () => {
    expect(read("tcp 10.20.1.5 > 20.60.26.4:445")).to.equal("tcp 10.20.1.5:50000 > 20.60.26.4:445");
    expect(read("UDP 10.20.1.5:137 -> 20.60.26.4:137")).to.equal("udp 10.20.1.5:137 > 20.60.26.4:137");
    expect(read("tcp [2001:db8::1]:50001 → [2001:DB8:0::2]:445")).to.equal(
      "tcp [2001:db8::1]:50001 > [2001:db8::2]:445",
    );
    expect(read("tcp 2001:db8::1>[2001:db8::2]:445")).to.equal("tcp [2001:db8::1]:50000 > [2001:db8::2]:445");
  });

  it("may be of any protocol", () => {
    expect(read("icmp 10.0.0.1 > 10.0.0.2")).to.equal("icmp 10.0.0.1 > 10.0.0.2 type 8 code 0");
    expect(read("icmp 10.0.0.1 > 10.0.0.2 type 3 code 4")).to.equal("icmp 10.0.0.1 > 10.0.0.2 type 3 code 4");
    expect(read("ipv6-icmp ::1 > ::2")).to.equal("icmpv6 ::1 > ::2 type 128 code 0");
    expect(read("protocol 47 10.0.0.1 > 10.0.0.2")).to.equal("gre 10.0.0.1 > 10.0.0.2");
    expect(read("protocol 99 10.0.0.1 > 10.0.0.2")).to.equal("protocol 99 10.0.0.1 > 10.0.0.2");
  });

  it("opens a connection unless it says otherwise", () => {
    const first = readPacket("tcp 10.0.0.1 > 10.0.0.2:445");
    expect(first.ok && [first.packet.state, first.packet.tcpFlags]).to.deep.equal(["new", 2]);
    const later = readPacket("tcp 10.0.0.1 > 10.0.0.2:445 state established");
    expect(later.ok && [later.packet.state, later.packet.tcpFlags]).to.deep.equal(["established", 16]);
    expect(read("tcp 10.0.0.1 > 10.0.0.2:445 flags syn,ack")).to.contain("flags syn,ack");
  });

  it("is the same packet when it is written out and read again", () => {
    const address = fc.oneof(
      fc.tuple(fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1)).map((pair) => pair.map(formatIpv4)),
      fc
        .tuple(fc.bigInt(0n, 2n ** 128n - 1n), fc.bigInt(0n, 2n ** 128n - 1n))
        .map((pair) => pair.map((a) => `[${formatIpv6(a)}]`)),
    );
    const port = fc.nat(65535);
    fc.assert(
      fc.property(
        fc.constantFrom("tcp", "udp", "sctp"),
        address,
        port,
        port,
        fc.constantFrom(...states),
        (name, [a, b], p, q, state) => {
          const reading = readPacket(`${name} ${a}:${p} > ${b}:${q} state ${state}`);
          if (!reading.ok) throw new Error(reading.diagnostic.message);
          expect(readPacket(packetText(reading.packet))).to.deep.equal(reading);
        },
      ),
    );
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ["tpc 10.0.0.1 > 10.0.0.2:445", "^^^", "did you mean tcp?"],
    ["tcp 10.0.0.1 > 10.0.0.2", "               ^^^^^^^^", "write 10.0.0.2:445"],
    ["tcp ::1 > ::2", "          ^^^", "write [::2]:445"],
    ["tcp 010.0.0.1 > 10.0.0.2:445", "    ^^^^^^^^^", "write 10.0.0.1"],
    ["tcp 10.0.0.0/8 > 10.0.0.2:445", "    ^^^^^^^^^^", "write 10.0.0.0"],
    ["tcp 10.0.0.1 > ::2", "               ^^^", "two IPv4 or two IPv6"],
    ["tcp 10.0.0.1 > 10.0.0.2:70000", "               ^^^^^^^^^^^^^^", "0 to 65535"],
    ["tcp 10.0.0.1 10.0.0.2:445", "             ^^^^^^^^^^^^", 'expected ">"'],
    ["tcp 10.0.0.1 >", "              ^", "ends before the destination address"],
    ["", "^", "ends before a protocol"],
    ["icmp ::1 > ::2", "^^^^", "write icmpv6"],
    ["icmp 10.0.0.1 > 10.0.0.2:8", "                ^^^^^^^^^^", "icmp has no ports"],
    ["tcp 10.0.0.1 > 10.0.0.2:445 type 8", "                            ^^^^", "only icmp and icmpv6"],
    ["tcp 10.0.0.1 > 10.0.0.2:445 state old", "                                  ^^^", "write one of new,"],
    ["tcp 10.0.0.1 > 10.0.0.2:445 please", "                            ^^^^^^", "not understood here"],
    ["icmp 10.0.0.1 > 10.0.0.2 type 256", "                              ^^^", "from 0 to 255"],
  ];
  for (const [text, caret, words] of refused) {
    it(`is refused with a caret and a way out: ${text === "" ? "nothing at all" : text}`, () => {
      const reading = readPacket(text);
      if (reading.ok) throw new Error(`was read as ${packetText(reading.packet)}`);
      const shown = renderDiagnostics([reading.diagnostic]);
      expect(shown.split("\n")[3]).to.equal(`  | ${caret}`);
      expect(shown).to.contain(words);
    });
  }

  it("never throws", () => {
    const word = fc.constantFrom(
      "tcp",
      "icmp",
      "protocol",
      "10.0.0.1",
      "::1",
      "[::1]:1",
      ">",
      "type",
      "-",
      "[",
      ":",
      "state",
      "flags",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(" ")),
        ),
        (text) => void readPacket(text),
      ),
    );
  });
});

function read(text: string): string {
  const reading = readPacket(text);
  return reading.ok ? packetText(reading.packet) : renderDiagnostics([reading.diagnostic]);
}
