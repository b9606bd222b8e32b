import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { readPolicy } from "../../src/policy/index.js";
import { renderDiagnostics } from "../../src/report/index.js";
import { expectGolden } from "../support/golden.js";

const folder = fileURLToPath(new URL("messages", import.meta.url));

describe("what a user is told about a policy", () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml"))) {
    it(`when it is ${basename(file, ".yaml")}`, () => {
      const { diagnostics } = readPolicy({ path: file, text: readFileSync(join(folder, file), "utf8") });
      expectGolden(join(folder, file.replace(".yaml", ".txt")), renderDiagnostics(diagnostics));
    });
  }

  it("points at the same place with CRLF line ends and a byte order mark", () => {
    const text = readFileSync(join(folder, "addresses.yaml"), "utf8");
    const places = (of: string): string[] =>
      renderDiagnostics(readPolicy({ path: "p", text: of }).diagnostics)
        .split("\n")
        .filter((line) => line.startsWith("p:"));
    expect(places(text.replaceAll("\n", "\r\n"))).to.deep.equal(places(text));
    expect(places(`\ufeff${text}`)).to.deep.equal(places(text));
  });

  it("names the vendors when a target is none of them", () => {
    const text = "version: 1\nname: x\nrules: [{ name: r, deny: any }]\ntargets: { nftabels: { outside: [wan0] } }\n";
    const [problem, ...more] = readPolicy({ path: "policy.yaml", text }).diagnostics;
    expect(more).to.deep.equal([]);
    expect(problem).to.deep.include({ code: "RW2011", severity: "error" });
    expect(problem?.message).to.contain('no vendor is called "nftabels"');
  });
});
