import type { Source } from "../../src/diagnostics/index.js";
import { diagnostic, span } from "../../src/diagnostics/index.js";
import type { LintReport } from "../../src/report/lint/index.js";
import { device, finding, openRule, packet } from "./lint-report.js";

/** What somebody might write into a configuration, or call a file, so that a report says what he wants. */
export const attacks = {
  "line ends": "one\r\n::error::forged\n##vso[task.setvariable variable=PATH]forged\rforged",
  "a command of GitHub": "::add-mask::forged",
  "an older command of GitHub": "remark ##[add-mask]forged",
  "a command of Azure Pipelines": "remark ##vso[task.setvariable variable=PATH;]forged",
  "a command of Azure Pipelines, shouted": "##VSO[task.complete result=Succeeded;]",
  "the end of a property": "x,line=1::forged]forged;type=warning]",
  "percent signs": "100%0A::error::forged%25%AZP25",
  markup: `<script>alert(1)</script> & "quotes" 'single' ]]> --> <!-- <?xml?> &#0; &lt;`,
  "control characters": "a\u0000b\u0007c\u001b[31md\u007fe\u009bf\u000bg\ufffeh\uffffi",
  "characters that turn the text round": "permit \u202etxet\u202c \u2066isolated\u2069 \u200b\ufeff\u061c \u{e0041}",
  "lone surrogates": "a\ud800b\udc00c",
  "line separators": "a\u2028b\u2029c\u0085d",
  "links and mentions":
    "[click](https://forged.example) [1](1) \\[x\\](1) @admin #1 ![i](javascript:x) {0} {{1}} www.forged.example",
  "code fences": "```\n# forged\n```` ``` ` ~~~",
  "a table": "| forged | cell |\n|---|---|",
  "a very long line": "x".repeat(100_000),
} as const;

/** A report in which every text that is not ours is an attack: paths, lines, messages, labels, conditions, reasons. */
export function hostileReport(): LintReport {
  return {
    tool: { name: "ringwall", version: "1.2.3" },
    policy: { name: attacks.markup, path: attacks["line ends"] },
    devices: Object.values(attacks).map((attack) => {
      const file: Source = { path: attack, text: `${attack}\nsecond line ${attack}\n` };
      const all = span(file, 0, file.text.length);
      const one = {
        primary: all,
        related: [{ span: span(file, 0, attack.length), message: attack }],
        help: attack,
        packets: [attack],
        conditions: [attack],
        amounts: [attack],
        witness: packet("tcp 192.0.2.1:50000 > 10.20.1.5:445", {
          ingress: attack,
          egress: attack,
          conditions: new Set([attack]),
        }),
        fix: { title: attack, edits: [{ span: all, text: attack }] },
      };
      return device(attack, "vendor", attack, [file], "open", [
        finding("RW4001", file, attack, one),
        finding("RW4001", file, attack, { identity: "nowhere", fix: { title: attack, edits: [] } }),
        finding("RW4031", file, attack, { ...one, severity: "note" }),
        finding("RW4038", file, attack, { ...one, suppressed: { kind: "comment", reason: attack } }),
      ]);
    }),
    problems: Object.values(attacks).flatMap((attack) => {
      const file: Source = { path: attack, text: attack };
      return [
        { ...diagnostic("RW1003", attack, { help: attack }), file: attack },
        diagnostic("RW6008", attack),
        diagnostic("RW1002", attack, { primary: span(file, 0, attack.length), help: attack }),
      ];
    }),
    rules: [openRule],
    failOn: "error",
    changedSince: attacks.markup,
    showSuppressed: true,
  };
}
