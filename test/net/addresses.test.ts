import { expect } from "chai";
import * as fc from "fast-check";
import {
  formatIpv4,
  formatIpv6,
  formatPrefix4,
  formatPrefix6,
  netmask4,
  netmaskLength4,
  parseIpv4,
  parseIpv6,
  parsePrefix,
  prefixSet,
} from "../../src/net/index.js";
import { ipv4, ipv6 } from "./arbitrary-addresses.js";

describe("an IPv4 address", () => {
  it("is read back as it is written", () => {
    fc.assert(
      fc.property(ipv4, (address) => {
        expect(parseIpv4(formatIpv4(address))).to.equal(address);
      }),
    );
  });

  it("is the number that its octets spell", () => {
    const octet = fc.nat({ max: 255 });
    fc.assert(
      fc.property(octet, octet, octet, octet, (a, b, c, d) => {
        expect(parseIpv4(`${a}.${b}.${c}.${d}`)).to.equal(((a * 256 + b) * 256 + c) * 256 + d);
      }),
    );
  });

  it("is refused in every form that two readers could take for two addresses", () => {
    const ambiguous = ["010.0.0.1", "10.0.0.01", "10.1", "10", "0x0a.0.0.1", "10.0.0.1.", ".10.0.0.1", "10..0.1"];
    const wrong = ["", " 10.0.0.1", "10.0.0.1 ", "10.0.0.256", "10.0.0.-1", "10.0.0.1.1", "١٠.0.0.1", "1e1.0.0.1"];
    for (const text of [...ambiguous, ...wrong]) expect(parseIpv4(text), text).to.equal(undefined);
  });

  it("can stand inside a longer text", () => {
    expect(parseIpv4("x10.0.0.1/8", 1, 9)).to.equal(0x0a000001);
  });
});

describe("an IPv6 address", () => {
  it("is read back as it is written", () => {
    fc.assert(
      fc.property(ipv6, (address) => {
        expect(parseIpv6(formatIpv6(address))).to.equal(address);
      }),
    );
  });

  // RFC 5952 sections 1 to 4: the forms that one address can have, and the one that it should have.
  const recommended: readonly (readonly [written: string, canonical: string])[] = [
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8::1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"],
    ["2001:0db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"],
    ["2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"],
    ["2001:db8:0:0:0::1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
    ["fe80:0:0:0:0:0:0:0", "fe80::"],
    ["0:0:0:0:0:0:0:1", "::1"],
  ];
  for (const [written, canonical] of recommended) {
    it(`written as ${written} is ${canonical}`, () => {
      const address = parseIpv6(written);
      expect(address === undefined ? undefined : formatIpv6(address)).to.equal(canonical);
    });
  }

  it("is what the platform's own URL parser takes it for", () => {
    fc.assert(
      fc.property(ipv6, (address) => {
        expect(new URL(`http://[${formatIpv6(address)}]/`).hostname).to.equal(`[${formatIpv6(address)}]`);
      }),
    );
  });

  it("is refused when it is none", () => {
    const wrong = [
      "",
      ":",
      ":::",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "g::",
      "12345::",
    ];
    for (const text of [...wrong, "fe80::1%eth0", "::1 ", "[::1]", "::256.1.1.1", "1:2:3:4:5:6:7::8:9"]) {
      expect(parseIpv6(text), text).to.equal(undefined);
    }
  });

  it("may say one group of zeros with `::`, also where eight groups are full but one", () => {
    expect(formatIpv6(parseIpv6("1:2:3:4:5:6:7::")!)).to.equal("1:2:3:4:5:6:7:0");
  });
});

describe("a prefix", () => {
  it("is read back as it is written", () => {
    fc.assert(
      fc.property(ipv4, fc.nat({ max: 32 }), (address, length) => {
        const zeroed = address - (address % 2 ** (32 - length));
        const read = parsePrefix(formatPrefix4({ address: zeroed, length }));
        expect(read).to.deep.equal({
          ok: true,
          value: { family: "ipv4", prefix: { address: zeroed, length }, bare: false },
        });
      }),
    );
    fc.assert(
      fc.property(ipv6, fc.nat({ max: 128 }), (address, length) => {
        const zeroed = (address >> BigInt(128 - length)) << BigInt(128 - length);
        const read = parsePrefix(formatPrefix6({ address: zeroed, length }));
        expect(read).to.deep.equal({
          ok: true,
          value: { family: "ipv6", prefix: { address: zeroed, length }, bare: false },
        });
      }),
    );
  });

  it("without a length is one address", () => {
    expect(prefixOf("192.0.2.7")).to.deep.equal({
      family: "ipv4",
      prefix: { address: 0xc0000207, length: 32 },
      bare: true,
    });
    expect(prefixOf("::1")).to.deep.equal({ family: "ipv6", prefix: { address: 1n, length: 128 }, bare: true });
  });

  const corrections: readonly (readonly [written: string, instead: string | undefined])[] = [
    ["10.20.1.5/16", "10.20.0.0/16"],
    ["2001:db8::1/64", "2001:db8::/64"],
    ["10.0.0.0/08", "10.0.0.0/8"],
    ["010.0.0.1", "10.0.0.1"],
    ["10.1/16", "10.1.0.0/16"],
    ["10/8", "10.0.0.0/8"],
    ["10.0.0.0/33", undefined],
    ["::/129", undefined],
    ["10.0.0.0/", undefined],
    ["10.0.0.0/-1", undefined],
    ["10.0.0.0/8/8", undefined],
    ["10.0.0.300", undefined],
    ["fe80::1%eth0", undefined],
    ["example.com", undefined],
    ["", undefined],
  ];
  for (const [written, instead] of corrections) {
    it(`written as "${written}" is refused${instead === undefined ? "" : `, with ${instead} as the correction`}`, () => {
      const read = parsePrefix(written);
      expect(read.ok).to.equal(false);
      if (!read.ok) {
        expect(read.problem.instead).to.equal(instead);
        expect(read.problem.why).to.not.equal("");
      }
    });
  }

  it("that is offered as a correction is accepted", () => {
    const text = fc.stringMatching(/^[0-9./:a-f]{1,20}$/);
    fc.assert(
      fc.property(text, (written) => {
        const read = parsePrefix(written);
        if (read.ok || read.problem.instead === undefined) return;
        const corrected = parsePrefix(read.problem.instead);
        // A correction may itself need one (10.1/8 has host bits, too); it gets there.
        expect(
          corrected.ok || corrected.problem.why !== read.problem.why,
          `${written} -> ${read.problem.instead}`,
        ).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });

  it("of length 0 is every address of its family, and of none of the other", () => {
    expect(prefixSet(prefixOf("0.0.0.0/0")!)).to.deep.equal({ ipv4: [{ first: 0, last: 2 ** 32 - 1 }], ipv6: [] });
    expect(prefixSet(prefixOf("::/0")!)).to.deep.equal({ ipv4: [], ipv6: [{ first: 0n, last: 2n ** 128n - 1n }] });
  });
});

describe("a network mask", () => {
  it("has the length that it was made from", () => {
    for (let length = 0; length <= 32; length++) expect(netmaskLength4(netmask4(length))).to.equal(length);
  });

  it("with a hole is none", () => {
    expect(netmaskLength4(0xff00ff00)).to.equal(undefined);
  });
});

function prefixOf(text: string) {
  const read = parsePrefix(text);
  return read.ok ? read.value : undefined;
}

describe("what is said of an address that is refused", () => {
  const said = (text: string): string => {
    const read = parsePrefix(text);
    return read.ok
      ? "accepted"
      : [read.problem.why, read.problem.instead].filter((one) => one !== undefined).join(" | ");
  };

  const short = "an IPv4 address needs four numbers; some readers fill in the missing ones elsewhere";
  const octal = "a number with a leading zero is octal to some readers";
  const strange = "this is neither an IPv4 nor an IPv6 address";
  const notIpv6 = "this is not an IPv6 address (RFC 4291 section 2.2)";
  const length = (bits: number): string => `the prefix length after "/" must be a whole number from 0 to ${bits}`;

  for (const [text, words] of [
    ["10", `${short} | 10.0.0.0`],
    ["10.1/16", `${short} | 10.1.0.0/16`],
    ["10.1.2", `${short} | 10.1.2.0`],
    ["010.0.0.1", `${octal} | 10.0.0.1`],
    ["10.0.00.1/32", `${octal} | 10.0.0.1/32`],
    ["10.0.0.100/32", "accepted"],
    ["10.0.0.255", "accepted"],
    ["10.0.0.256", "each number of an IPv4 address is 0 to 255"],
    ["10.0.0.1.2", strange],
    ["10.0.0.", strange],
    ["10..0.1", strange],
    ["/8", strange],
    ["", strange],
    ["host.example", strange],
    ["fe80::1%eth0", "an IPv6 address with a zone belongs to one link, not to a network"],
    ["2001:db8:::1", notIpv6],
    ["1:2:3:4:5:6:7", notIpv6],
    ["1:2:3:4:5:6:7:8:9", notIpv6],
    ["::12345", notIpv6],
    ["1::2::3", notIpv6],
    [":1::2", notIpv6],
    ["g::", notIpv6],
    ["10.0.0.0/33", length(32)],
    ["10.0.0.0/x", length(32)],
    ["10.0.0.0/", length(32)],
    ["2001:db8::/129", length(128)],
    ["10.0.0.0/08", "the prefix length has leading zeros | 10.0.0.0/8"],
    [
      "10.0.0.1/8",
      "10.0.0.1 has bits set beyond its prefix length, so one address or the whole network may be meant | 10.0.0.0/8",
    ],
    [
      "2001:db8::1/32",
      "2001:db8::1 has bits set beyond its prefix length, so one address or the whole network may be meant | 2001:db8::/32",
    ],
    ["1:2:3:4:5:6:7::", "accepted"],
    ["::ffff:192.0.2.1", "accepted"],
    ["0.0.0.0/0", "accepted"],
    ["::/0", "accepted"],
  ] as const) {
    it(`${JSON.stringify(text)}: ${words}`, () => {
      expect(said(text)).to.equal(words);
    });
  }
});
