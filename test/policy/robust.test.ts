import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import * as fc from "fast-check";
import { repository } from "../../src/build/generated-files.js";
import { spanText } from "../../src/diagnostics/index.js";
import { readPolicy, resolvePolicy } from "../../src/policy/index.js";
import { renderDiagnostics } from "../../src/report/index.js";
import { runs } from "../support/runs.js";
import { compile, policy } from "./policies.js";

describe("any text as a policy", () => {
  const sample = readFileSync(join(repository, "examples/smb-edge/policy.yaml"), "utf8");

  it("gives an edge or errors, never an exception, and every place lies within the text", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."-:[]{}&*!|>'\"#%@`,? \n\tab1é\u0000\ufeff") }),
      fc
        .tuple(fc.nat({ max: sample.length }), fc.nat({ max: 30 }), fc.string({ maxLength: 10 }))
        .map(([at, length, put]) => sample.slice(0, at) + put + sample.slice(at + length)),
      fc.nat({ max: sample.length }).map((end) => sample.slice(0, end)),
      fc.json(),
      fc.json().map((json) => policy(`rules: ${json}\nnetworks: ${json}\n`)),
    );
    fc.assert(
      fc.property(text, (one) => {
        const { edge, diagnostics } = compile(one, "2027-01-01");
        expect(edge !== undefined || diagnostics.some((found) => found.severity === "error")).to.equal(true);
        for (const { primary, related = [] } of diagnostics) {
          for (const place of [primary, ...related.map((label) => label.span)]) {
            if (place === undefined) continue;
            expect(place.start).to.be.within(0, place.end);
            expect(place.end).to.be.at.most(place.source.text.length);
          }
        }
        renderDiagnostics(diagnostics);
      }),
      runs(500),
    );
  });

  it("is refused in good time when it nests deeply or multiplies by aliases", () => {
    for (const deep of [
      `a: ${"[".repeat(5_000)}`,
      `${"- ".repeat(5_000)}x`,
      policy(`rules: ${"[".repeat(3000)}${"]".repeat(3000)}\n`),
    ]) {
      expect(compile(deep).diagnostics.map((one) => one.severity)).to.include("error");
    }
    const lines = Array.from({ length: 30 }, (_, i) => `  n${i + 1}: &n${i + 1} [*n${i}, *n${i}]`);
    const bomb = policy(`rules: [{ name: r, deny: any }]\nnetworks:\n  n0: &n0 [10.0.0.0/8]\n${lines.join("\n")}\n`);
    const { diagnostics } = compile(bomb);
    expect(diagnostics[0]?.code).to.equal("RW1001");
    expect(diagnostics[0]?.message).to.contain("aliases");
  });

  it("may have lists longer than the arguments that a call takes", () => {
    const { policy: document } = readPolicy({
      path: "p",
      text: policy("networks: { a: [10.0.0.0/8, '::1'] }\nrules: [{ name: r, deny: any, to: a }]\n"),
    });
    const short = document!.networks.get("a")!;
    const of = Array.from({ length: 200_000 }, () => short.node!);
    const networks = new Map([["a", { ...short, node: { kind: "union" as const, of, span: short.span } }]]);
    const { edge } = resolvePolicy({ ...document!, networks }, { feeds: new Map() });
    expect(edge?.rules[0]?.to.addresses.ipv4).to.have.lengthOf(1);
  });

  it("may use the names of things that every object has", () => {
    const text = policy(
      "networks: { constructor: 10.0.0.0/8, toString: [constructor] }\nservices: { hasOwnProperty: tcp/1 }\nrules: [{ name: __proto__, deny: hasOwnProperty, to: toString }]\n",
    );
    expect(compile(text).edge?.rules[0]?.name).to.equal("__proto__");
    for (const unknown of ["constructor", "__proto__", "toString"]) {
      const { diagnostics } = compile(policy(`rules: [{ name: r, deny: tcp/1, to: ${unknown} }]\n`));
      expect(
        diagnostics.map((one) => one.code),
        unknown,
      ).to.deep.equal(["RW2001"]);
      const service = compile(policy(`rules: [{ name: r, deny: ${unknown} }]\n`)).diagnostics;
      expect(
        service.map((one) => one.code),
        unknown,
      ).to.deep.equal(["RW2003"]);
    }
  });

  it("with a key `__proto__` has an unknown key", () => {
    const [problem] = compile(policy("rules: [{ name: r, deny: tcp/1 }]\n__proto__: { rules: [] }\n")).diagnostics;
    expect(problem?.code).to.equal("RW1002");
    expect(spanText(problem!.primary!)).to.equal("__proto__");
  });
});
