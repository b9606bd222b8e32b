import { expect } from "chai";
import fc from "fast-check";
import type { Source } from "../../src/diagnostics/index.js";
import { readConfiguration } from "../../src/jobs/configuration.js";
import type { Configuration } from "../../src/jobs/configuration.js";
import { fixConfiguration } from "../../src/lint/fixing.js";
import type { Finding } from "../../src/lint/index.js";
import { installedVendors } from "../../src/registry.js";
import type { Vendor } from "../../src/vendor-kit/index.js";
import { runs } from "../support/runs.js";
import { findingAt } from "./findings.js";

const head = ["*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT DROP [0:0]"];

describe("a fix", () => {
  let vendor: Vendor;
  before(async () => ({ vendor } = await installedVendors().load("iptables")));

  const read = (sources: readonly Source[]): Configuration | undefined => {
    const reading = readConfiguration(sources, [vendor], { sidesFor: () => ({ outside: [], inside: [] }) });
    return reading.ok ? reading.configuration : undefined;
  };
  const source = (...rules: readonly string[]): Source => ({
    path: "rules.v4",
    text: [...head, ...rules, "COMMIT", ""].join("\n"),
  });
  /** A finding whose fix removes the n-th rule. */
  const removing = (of: Source, rule: number, how: "fix" | "unsafeFix" = "fix"): Finding => {
    const lines = of.text.split("\n");
    const start = lines.slice(0, head.length + rule).join("\n").length + 1;
    const span = { source: of, start, end: start + lines[head.length + rule]!.length + 1 };
    return { ...findingAt("RW4031", span), [how]: { title: "remove it", edits: [{ span, text: "" }] } };
  };
  const fix = (of: Source, findings: readonly Finding[], unsafe = false) => {
    const { texts, applied, refused } = fixConfiguration(read([of])!, findings, { unsafe, reread: read });
    return {
      rules: texts[0]!.split("\n").slice(head.length, -2),
      applied: applied.map((one) => findings.indexOf(one.finding)),
      refused: refused.map((one) => [findings.indexOf(one.finding), one.why]),
    };
  };

  const web = "-A FORWARD -p tcp --dport 80 -j ACCEPT";
  const smb = "-A FORWARD -p tcp --dport 445 -j ACCEPT";
  const limited = "-A FORWARD -p tcp --dport 443 -m limit --limit 3/min -j ACCEPT";
  const unread = "-A FORWARD -p tcp -m wonder --why -j ACCEPT";

  it("is made where every packet meets the fate that it met", () => {
    const of = source(web, smb, web);
    expect(fix(of, [removing(of, 2)])).to.deep.equal({ rules: [web, smb], applied: [0], refused: [] });
  });

  it("is not made where a packet would meet another", () => {
    const of = source(web, smb);
    const { rules, refused } = fix(of, [removing(of, 1)]);
    expect(rules).to.deep.equal([web, smb]);
    expect(refused).to.deep.equal([[0, "it is not proved that every packet would meet the same fate"]]);
  });

  it("is made alone where two hold one by one and not together", () => {
    const of = source(web, web, smb);
    const { rules, applied, refused } = fix(of, [removing(of, 0), removing(of, 1)]);
    expect(rules).to.deep.equal([web, smb]);
    expect(applied).to.deep.equal([0]);
    expect(refused).to.have.length(1);
  });

  it("is made once where two findings ask for the same", () => {
    const of = source(web, web);
    expect(fix(of, [removing(of, 1), removing(of, 1)])).to.deep.equal({ rules: [web], applied: [0, 1], refused: [] });
  });

  it("waits where it overlaps another", () => {
    const of = source(web, web, web);
    const both = removing(of, 1);
    const span = { ...both.primary!, end: both.primary!.end + web.length + 1 };
    const wide = { ...findingAt("RW4031", span), fix: { title: "remove both", edits: [{ span, text: "" }] } };
    const { rules, refused } = fix(of, [both, wide]);
    expect(rules).to.deep.equal([web, web]);
    expect(refused).to.deep.equal([[1, "it overlaps another fix; run it again"]]);
  });

  it("does not mind that conditions behind it stand on other lines now", () => {
    const of = source(web, web, limited);
    expect(fix(of, [removing(of, 1)]).rules).to.deep.equal([web, limited]);
  });

  it("is made beside what was not understood, where that matters to none of its packets, whatever it does", () => {
    const of = source(web, web, unread, limited);
    expect(fix(of, [removing(of, 1)]).rules).to.deep.equal([web, unread, limited]);
    const behind = source(unread, web, web);
    expect(fix(behind, [removing(behind, 2)]).rules).to.deep.equal([unread, web]);
  });

  it("is not made where something that was not understood goes, or decides whether it matters", () => {
    const gone = source(unread, web);
    expect(fix(gone, [removing(gone, 0)]).applied).to.deep.equal([]);
    const between = source(web, unread, smb);
    expect(fix(between, [removing(between, 2)]).applied).to.deep.equal([]);
  });

  it("is not made where the text could not be read any more", () => {
    const of = source(web, web);
    const span = { source: of, start: 0, end: of.text.length };
    const finding = { ...findingAt("RW4031", span), fix: { title: "ruin it", edits: [{ span, text: "hello" }] } };
    expect(fix(of, [finding]).applied).to.deep.equal([]);
  });

  it("that changes what passes is made only for who asks for it", () => {
    const of = source(web, smb);
    const finding = removing(of, 1, "unsafeFix");
    expect(fix(of, [finding]).rules).to.deep.equal([web, smb]);
    expect(fix(of, [finding], true)).to.deep.equal({ rules: [web], applied: [0], refused: [] });
  });

  it("changes no packet's fate, whichever rules it is about", () => {
    const rule = fc
      .record({
        from: fc.constantFrom("", "-s 10.0.0.0/8 ", "-s 10.1.0.0/16 "),
        port: fc.constantFrom(80, 443, 445),
        limit: fc.constantFrom("", "-m limit --limit 3/min "),
        verdict: fc.constantFrom("ACCEPT", "DROP"),
      })
      .map(({ from, port, limit, verdict }) => `-A FORWARD ${from}-p tcp --dport ${port} ${limit}-j ${verdict}`);
    fc.assert(
      fc.property(fc.array(rule, { minLength: 2, maxLength: 8 }), (rules) => {
        const of = source(...rules);
        const kept = fix(
          of,
          rules.map((_, index) => removing(of, index)),
        ).rules;
        const fate = (list: readonly string[], from: string, port: number, limitsHold: boolean): string => {
          const decides = list.find(
            (one) =>
              (!one.includes("limit") || limitsHold) &&
              one.includes(`--dport ${port} `) &&
              (!one.includes("-s ") || (one.includes("10.0") ? from !== "other" : from === "inner")),
          );
          return decides?.split("-j ")[1] ?? "DROP";
        };
        for (const from of ["other", "outer", "inner"])
          for (const port of [80, 443, 445])
            for (const limitsHold of [true, false])
              expect(fate(kept, from, port, limitsHold)).to.equal(fate(rules, from, port, limitsHold));
      }),
      runs(60),
    );
  });
});
