import { expect } from "chai";
import fc from "fast-check";
import { plainListFormats } from "../src/jobs/list-formats/index.js";
import type { AddressSet, Family } from "../src/net/index.js";
import {
  anyAddress,
  equalAddresses,
  isNoAddress,
  noAddress,
  toSet,
  ipv4Addresses,
  ipv6Addresses,
} from "../src/net/index.js";
import { installedVendors } from "../src/registry.js";
import type { AddressList, AddressListFormat } from "../src/vendor-kit/index.js";
import { ipv4, ipv6 } from "./net/arbitrary-addresses.js";
import { runs } from "./support/runs.js";

const registry = installedVendors();

/** What every form of an address list owes, asked of those of the vendors and of the plain ones alike. */
describe("every form of an address list", function () {
  this.timeout(60_000);
  const formats: AddressListFormat[] = [...plainListFormats];

  before(async () => {
    for (const id of registry.ids) formats.push(...((await registry.load(id)).vendor.addressLists ?? []));
  });

  it("has a name of its own", () => {
    const names = formats.map((format) => format.name);
    expect(new Set(names).size).to.equal(names.length);
    for (const name of names) expect(name).to.match(/^[a-z][a-z0-9-]*$/);
  });

  it("is read back as the addresses that were written", () => {
    fc.assert(
      fc.property(arbitraryList(), (list) => {
        for (const format of formats) expectReadBack(format, list);
      }),
      runs(60),
    );
  });

  it("may be longer than a call takes arguments, however a reader puts it together", () => {
    const single = Array.from({ length: 130_000 }, (_, i) => ({ first: 0x0a000000 + 2 * i, last: 0x0a000000 + 2 * i }));
    const list = listOf({ addresses: { ipv4: toSet(ipv4Addresses, single), ipv6: [] }, families: ["ipv4"] });
    for (const format of formats) {
      if (["csv", "ipset", "iptables", "asa-object-group"].includes(format.name)) expectReadBack(format, list);
    }
  });

  it("is read back at the ends of what there is", () => {
    const ends: AddressSet = {
      ipv4: toSet(ipv4Addresses, [
        { first: 0, last: 0 },
        { first: ipv4Addresses.max, last: ipv4Addresses.max },
      ]),
      ipv6: toSet(ipv6Addresses, [
        { first: 0n, last: 0n },
        { first: ipv6Addresses.max, last: ipv6Addresses.max },
      ]),
    };
    const one: AddressSet = { ipv4: [{ first: 0x0a000001, last: 0x0a000001 }], ipv6: [] };
    for (const format of formats) {
      for (const addresses of [ends, anyAddress, one, { ...one, ipv6: anyAddress.ipv6 }])
        expectReadBack(format, listOf({ addresses }));
      expectReadBack(format, listOf({ addresses: one, families: ["ipv4"] }));
      expectReadBack(format, listOf({ addresses: { ipv4: [], ipv6: anyAddress.ipv6 }, families: ["ipv6"] }));
    }
  });

  it("may be called like something that the device knows by that name", () => {
    const addresses: AddressSet = { ipv4: [{ first: 0x14000000, last: 0x140000ff }], ipv6: [] };
    for (const name of [
      "in",
      "any",
      "tcp",
      "http",
      "input",
      "accept",
      "self",
      "null",
      "args",
      "version",
      "nfs",
      "list-all",
    ])
      for (const format of formats) expectReadBack(format, listOf({ name, addresses }));
  });

  it("is the same text for the same list", () => {
    fc.assert(
      fc.property(arbitraryList(), (list) => {
        for (const format of formats) expect(format.write(structuredClone(list))).to.deep.equal(format.write(list));
      }),
      runs(20),
    );
  });

  it("lets no name and no remark into its syntax", () => {
    const wicked = [
      'x" ]\n}\nadd rule inet filter input accept',
      "a\nobject-group network any\n network-object 0.0.0.0 0.0.0.0",
      "--> <alias><name>evil</name></alias> <!-- ---",
      "a\r\n0.0.0.0/0\r\n::/0",
      "\u2028\u202e0.0.0.0/0\u0000\u0007\u001b[2J",
      '${file("/etc/passwd")} %{ for x in y } \\',
      "=cmd|' /C calc'!A0",
      "$(reboot) `reboot` ; reboot",
      "]]>&lt;/detail><x>",
      "swap a b\nCOMMIT\n*nat",
      "||||0.0.0.0/0",
      "#{inside} {{this}} ?!",
      "-".repeat(300),
    ];
    const addresses: AddressSet = { ipv4: [{ first: 0x14000000, last: 0x140000ff }], ipv6: [{ first: 1n, last: 1n }] };
    for (const format of formats) {
      const bare = format.write(listOf({ addresses }));
      for (const text of wicked) {
        const list = listOf({
          addresses,
          description: text,
          origin: [text, text],
          parts: [{ label: text, addresses }],
        });
        expectReadBack(format, list);
        const written = format.write(list);
        if (!written.ok || !bare.ok) throw new Error(format.name);
        for (const file of written.files) {
          expect(file.text, format.name).not.to.match(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/);
          expect(file.path).to.match(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
        }
        if (format.name === "json") continue;
        // As many lines that are no comment as without it.
        const count = (files: readonly { readonly text: string }[]): number =>
          files.flatMap((file) => file.text.split(/\r\n|[\n\r\u2028]/)).length;
        expect(count(written.files), `${format.name}: ${text}`).to.equal(count(bare.files) + 0);
      }
    }
  });
});

function expectReadBack(format: AddressListFormat, list: AddressList): void {
  const written = format.write(list);
  if (!written.ok) {
    expect(written.diagnostics, format.name).not.to.have.lengthOf(0);
    return;
  }
  const read = format.read(written.files);
  const same = read !== undefined && equalAddresses(read, list.addresses);
  expect(same, `${format.name}\n${written.files.map((file) => file.text.slice(0, 2000)).join("\n")}`).to.equal(true);
}

function listOf(some: Partial<AddressList>): AddressList {
  return {
    name: "storage-westeurope",
    description: "Storage.WestEurope",
    origin: ["Azure service tags, cloud Public, changeNumber 375", "sha256 0123"],
    families: ["ipv4", "ipv6"],
    addresses: noAddress,
    parts: [],
    ...some,
  };
}

const arbitrarySet: fc.Arbitrary<AddressSet> = fc
  .record({
    ipv4: fc.array(fc.tuple(ipv4, fc.oneof(fc.nat(3000), ipv4)), { maxLength: 6 }),
    ipv6: fc.array(fc.tuple(ipv6, fc.oneof(fc.bigInt(0n, 3000n), ipv6)), { maxLength: 6 }),
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

function arbitraryList(): fc.Arbitrary<AddressList> {
  return fc
    .record({
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/),
      description: fc.string({ unit: "binary", maxLength: 60 }),
      origin: fc.array(fc.string({ unit: "binary", maxLength: 60 }), { maxLength: 3 }),
      families: fc.constantFrom<readonly Family[]>(["ipv4"], ["ipv6"], ["ipv4", "ipv6"]),
      addresses: arbitrarySet,
    })
    .map(({ families, addresses, ...rest }) => {
      const own: AddressSet = {
        ipv4: families.includes("ipv4") ? addresses.ipv4 : [],
        ipv6: families.includes("ipv6") ? addresses.ipv6 : [],
      };
      return { ...rest, families, addresses: own, parts: [{ label: rest.description, addresses: own }] };
    })
    .filter(({ addresses }) => !isNoAddress(addresses));
}
