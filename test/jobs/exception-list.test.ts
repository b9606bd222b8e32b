import { expect } from "chai";
import fc from "fast-check";
import { readAddressLines } from "../../src/jobs/address-lines.js";
import type { ListWish } from "../../src/jobs/exception-list.js";
import { makeList } from "../../src/jobs/exception-list.js";
import type { AddressSet } from "../../src/net/index.js";
import {
  anyAddress,
  equalAddresses,
  fewestPrefixes4,
  fewestPrefixes6,
  intersectAddresses,
  isNoAddress,
  ipv4Addresses,
  ipv6Addresses,
  subtractAddresses,
  toSet,
} from "../../src/net/index.js";
import { prefixTexts } from "../feeds/samples.js";
import { ipv4, ipv6 } from "../net/arbitrary-addresses.js";
import { runs } from "../support/runs.js";

describe("a list of exceptions", () => {
  const files = set("20.60.26.0/24", "20.60.28.0/24", "2001:db8::/32");

  it("is the union of its parts", () => {
    const { list } = makeList(
      wish({
        parts: [
          { label: "a", addresses: set("10.0.0.0/24") },
          { label: "b", addresses: set("10.0.1.0/24") },
        ],
      }),
    );
    expect(prefixTexts(list!.addresses)).to.deep.equal(["10.0.0.0/23"]);
  });

  it("has the families that are asked for", () => {
    expect(lines({ families: ["ipv6"] })).to.deep.equal(["2001:db8::/32"]);
    expect(lines({ families: ["ipv4"] })).to.deep.equal(["20.60.26.0/24", "20.60.28.0/24"]);
  });

  it("is an error when it is empty, and says which family has something", () => {
    const parts = [{ label: "files", addresses: set("20.60.26.0/24") }];
    expect(problems({ parts, families: ["ipv6"] })).to.deep.equal(["RW5003 error: files has no IPv6 addresses"]);
    expect(problems({ minus: { addresses: anyAddress, label: "any" } })).to.deep.equal([
      "RW5003 error: nothing is left of files without any",
    ]);
    expect(problems({ parts: [{ label: "all", addresses: anyAddress }], complement: true })).to.deep.equal([
      "RW5003 error: there is nothing but files: its complement is empty",
    ]);
  });

  it("warns when what is cut out was never in it", () => {
    expect(problems({ minus: { addresses: set("192.0.2.0/24"), label: "192.0.2.0/24" } })).to.deep.equal([
      "RW5013 warning: 192.0.2.0/24 cuts nothing out of files: they have no address in common",
    ]);
  });

  it("becomes everything else, of the families that are asked for", () => {
    expect(
      lines({ parts: [{ label: "half", addresses: set("128.0.0.0/1") }], families: ["ipv4"], complement: true }),
    ).to.deep.equal(["0.0.0.0/1"]);
  });

  it("is never widened by itself, and says what a widening opens", () => {
    expect(problems({ maxEntries: 2 })).to.deep.equal([]);
    const { list, widening, diagnostics } = makeList(wish({ maxEntries: 1 }));
    expect(prefixTexts(list!.addresses)).to.deep.equal(["20.60.24.0/21", "2001:db8::/32"]);
    expect(prefixTexts(widening)).to.deep.equal(["20.60.24.0/23", "20.60.27.0/24", "20.60.29.0/24", "20.60.30.0/23"]);
    expect(diagnostics.map((one) => `${one.severity}: ${one.message}`)).to.deep.equal([
      "warning: at most 1 entry instead of 2 IPv4 prefixes: this opens 1,536 IPv4 addresses that files does not have",
    ]);
    expect(list!.origin.join()).to.contain("widened to 1 entry a family, which adds 1,536 IPv4 addresses");
  });

  it("is never widened into what was cut out", () => {
    const minus = { addresses: set("20.60.27.0/24"), label: "20.60.27.0/24" };
    expect(problems({ maxEntries: 1, minus })).to.deep.equal([
      "RW5013 warning: 20.60.27.0/24 cuts nothing out of files: they have no address in common",
      "RW5014 error: files does not fit into 1 IPv4 prefixes without addresses that were cut out",
    ]);
  });

  it("says of a widened complement what it takes in, and refuses one that leaves nothing open", () => {
    const parts = [{ label: "files", addresses: set("20.60.26.0/24", "128.0.0.0/2") }];
    const families = ["ipv4"] as const;
    expect(problems({ parts, families, complement: true, maxEntries: 2 })).to.deep.equal([
      "RW5012 warning: at most 2 entries instead of 24 IPv4 prefixes: this takes in 256 IPv4 addresses of files, which were to be left out",
    ]);
    expect(problems({ parts, families, complement: true, maxEntries: 1 })).to.deep.equal([
      "RW5014 error: everything but files does not fit into 1 entry of IPv4: all of files would be in it",
    ]);
  });

  it("keeps to what was asked for, whatever is asked for", () => {
    fc.assert(
      fc.property(
        arbitrarySet,
        arbitrarySet,
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        (addresses, cut, maxEntries, complement) => {
          const wanted = wish({
            parts: [{ label: "x", addresses }],
            minus: { addresses: cut, label: "cut" },
            maxEntries,
            complement,
          });
          const { list, widening, diagnostics } = makeList(wanted);
          if (list === undefined) {
            expect(diagnostics.some((one) => one.severity === "error")).to.equal(true);
            return;
          }
          const left = subtractAddresses(addresses, cut);
          const exact = complement ? subtractAddresses(anyAddress, left) : left;
          expect(equalAddresses(list.addresses, { ...union(exact, widening) })).to.equal(true);
          expect(isNoAddress(intersectAddresses(exact, widening))).to.equal(true);
          if (!complement)
            expect(isNoAddress(intersectAddresses(list.addresses, subtractAddresses(cut, left)))).to.equal(true);
          expect(fewestPrefixes4(list.addresses.ipv4).length).to.be.at.most(maxEntries);
          expect(fewestPrefixes6(list.addresses.ipv6).length).to.be.at.most(maxEntries);
          expect(diagnostics.some((one) => one.code === "RW5012")).to.equal(!isNoAddress(widening));
        },
      ),
      runs(200),
    );
  });

  function wish(some: Partial<ListWish>): ListWish {
    return { name: "files", description: "files", origin: [], parts: [{ label: "files", addresses: files }], ...some };
  }

  function lines(some: Partial<ListWish>): string[] {
    return prefixTexts(makeList(wish(some)).list!.addresses);
  }

  function problems(some: Partial<ListWish>): string[] {
    return makeList(wish(some)).diagnostics.map((one) => `${one.code} ${one.severity}: ${one.message}`);
  }
});

describe("addresses a line", () => {
  it("are read with comments, ranges and any line ends", () => {
    const text = "\ufeff# head\r\n10.0.0.0/24\r\n\r\n 10.0.1.0-10.0.1.255 # tail\n! and\n2001:db8::1";
    const { addresses, diagnostics } = readAddressLines({ path: "cut.txt", text });
    expect(diagnostics).to.deep.equal([]);
    expect(prefixTexts(addresses)).to.deep.equal(["10.0.0.0/23", "2001:db8::1/128"]);
  });

  it("are complained of line by line", () => {
    const text = "10.0.0.0/24\n10.0.0.1/24\nnonsense\n";
    const { diagnostics } = readAddressLines({ path: "cut.txt", text });
    expect(diagnostics.map(({ primary }) => text.slice(primary!.start, primary!.end))).to.deep.equal([
      "10.0.0.1/24",
      "nonsense",
    ]);
  });
});

function set(...prefixes: readonly string[]): AddressSet {
  return readAddressLines({ path: "", text: prefixes.join("\n") }).addresses;
}

function union(a: AddressSet, b: AddressSet): AddressSet {
  return {
    ipv4: toSet(ipv4Addresses, [...a.ipv4, ...b.ipv4]),
    ipv6: toSet(ipv6Addresses, [...a.ipv6, ...b.ipv6]),
  };
}

const arbitrarySet: fc.Arbitrary<AddressSet> = fc
  .record({
    ipv4: fc.array(fc.tuple(ipv4, fc.nat(3000)), { maxLength: 6 }),
    ipv6: fc.array(fc.tuple(ipv6, fc.bigInt(0n, 3000n)), { maxLength: 6 }),
  })
  .map((of) => ({
    ipv4: toSet(
      ipv4Addresses,
      of.ipv4.map(([first, more]) => ({ first, last: Math.min(first + more, ipv4Addresses.max) })),
    ),
    ipv6: toSet(
      ipv6Addresses,
      of.ipv6.map(([first, more]) => ({
        first,
        last: first + more > ipv6Addresses.max ? ipv6Addresses.max : first + more,
      })),
    ),
  }));
