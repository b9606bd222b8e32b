import { expect } from "chai";
import { diff } from "../../src/index.js";

const policy = `version: 1
name: smb
rules:
  - name: block
    deny: [tcp/445]
targets: {}
`;

/** An ASA with two ways to the Internet. */
function asa(...lists: readonly string[]): string {
  const port = (number: number, name: string, level: number): string[] => [
    `interface GigabitEthernet0/${number}`,
    ` nameif ${name}`,
    ` security-level ${level}`,
  ];
  return [
    "ASA Version 9.16(4)",
    ...port(0, "outside", 0),
    ...port(1, "outside2", 0),
    ...port(2, "inside", 100),
    "access-list BLOCK extended deny tcp any any eq 445",
    "access-list BLOCK extended permit ip any any",
    ...lists,
    "",
  ].join("\n");
}

const blockBoth = ["access-group BLOCK out interface outside", "access-group BLOCK out interface outside2"];

describe("the interfaces of a comparison with a policy", () => {
  it("are all the outside interfaces, whatever their names", async () => {
    const both = await diff({ policy }, { configuration: asa(...blockBoth) });
    expect(both.difference?.differences.filter((one) => one.direction === "outbound")).to.deep.equal([]);
    const one = await diff({ policy }, { configuration: asa(blockBoth[0]!) });
    expect(one.difference?.result).to.equal("different");
    const [found] = one.difference!.differences;
    expect(found).to.include({ direction: "outbound", passesIn: "b" });
    expect(found!.ways.map((way) => way.b.egress)).to.deep.equal(["outside2"]);
  });

  it("are refused where the configuration has none of that name: a question about nothing has no answer", async () => {
    const { difference, diagnostics } = await diff({ policy }, { configuration: asa(), outside: ["outsid"] });
    expect(difference).to.equal(undefined);
    expect(diagnostics.map((one) => [one.code, one.severity, one.message])).to.deep.equal([
      ["RW1010", "error", 'configuration has no interface "outsid" (did you mean "outside" or "outside2"?)'],
    ]);
  });

  it("are doubted where the configuration just does not speak of them", async () => {
    const nft = `table inet filter { chain forward { type filter hook forward priority 0; oifname "eth0" tcp dport 445 drop; } }`;
    const { difference, diagnostics } = await diff({ policy }, { configuration: nft, outside: ["wan0"] });
    expect(difference?.result).to.equal("different");
    expect(diagnostics.map((one) => [one.code, one.severity])).to.deep.equal([["RW1010", "warning"]]);
  });

  it("are known by an alias and by a wildcard too", async () => {
    const { difference } = await diff(
      { policy },
      { configuration: asa(...blockBoth), outside: ["GigabitEthernet0/0", "outside2"] },
    );
    expect(difference?.mappings.b.outside).to.deep.equal(["outside", "outside2"]);
    const wild = await diff({ policy }, { configuration: asa(...blockBoth), outside: ["out*"] });
    expect(wild.difference?.mappings.b.outside).to.deep.equal(["outside", "outside2"]);
  });
});
