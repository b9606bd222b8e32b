import { expect } from "chai";
import type { Diagnostic, Source } from "../../src/diagnostics/index.js";
import { diagnostic, span } from "../../src/diagnostics/index.js";
import { countDiagnostics, renderDiagnostics, style } from "../../src/report/index.js";

describe("a diagnostic as text", () => {
  it("shows place, line, caret, the other place and what to do", () => {
    const policy = source("rules:\n  - name: allow-web\n  - name: allow-web-again\n");
    const found = diagnostic("RW2009", 'rule "allow-web-again" is shadowed by "allow-web"', {
      primary: at(policy, "allow-web-again"),
      related: [{ span: at(policy, "allow-web"), message: "first match" }],
      help: 'delete it, or move it above "allow-web"',
    });
    expect(renderDiagnostics([found])).to.equal(
      [
        'policy.yaml:3:11: warning: rule "allow-web-again" is shadowed by "allow-web" [RW2009]',
        "  |",
        "3 |   - name: allow-web-again",
        "  |           ^^^^^^^^^^^^^^^",
        "  = first match at policy.yaml:2:11",
        '  = help: delete it, or move it above "allow-web"',
        "",
      ].join("\n"),
    );
  });

  it("widens the gutter for long files", () => {
    expect(renderDiagnostics([about(source(`${"\n".repeat(99)}here`), "here")])).to.equal(
      "policy.yaml:100:1: error: wrong [RW1001]\n    |\n100 | here\n    | ^^^^\n",
    );
  });

  it("is one line where there is no place", () => {
    expect(renderDiagnostics([diagnostic("RW1007", "what now?")])).to.equal("error: what now? [RW1007]\n");
  });

  it("separates two by a blank line", () => {
    expect(renderDiagnostics([diagnostic("RW1007", "one"), diagnostic("RW2005", "two")])).to.equal(
      "error: one [RW1007]\n\nwarning: two [RW2005]\n",
    );
  });

  it("goes on with help of several lines below the first", () => {
    expect(renderDiagnostics([diagnostic("RW1007", "one", { help: "write\n  a: 1" })])).to.equal(
      "error: one [RW1007]\n = help: write\n           a: 1\n",
    );
  });

  it("underlines a piece of several lines to the end of its first", () => {
    const config = source("a: {\n b: 1 }\n");
    expect(renderDiagnostics([diagnostic("RW1001", "wrong", { primary: span(config, 3, 13) })])).to.contain(
      "1 | a: {\n  |    ^\n",
    );
  });

  it("puts one caret where the piece is empty, also at the end of a line", () => {
    const config = source("ab\n");
    expect(renderDiagnostics([diagnostic("RW1001", "wrong", { primary: span(config, 2, 2) })])).to.contain(
      "1 | ab\n  |   ^\n",
    );
  });

  it("keeps the caret below its piece behind tabs and wide characters", () => {
    expect(renderDiagnostics([about(source("\ta\thier"), "hier")])).to.contain("1 |     a   hier\n  |         ^^^^\n");
    expect(renderDiagnostics([about(source("外側 hier"), "hier")])).to.contain("1 | 外側 hier\n  |      ^^^^\n");
  });

  it("cuts a very long line around the caret", () => {
    const text = renderDiagnostics([about(source(`${"a".repeat(5000)}here${"b".repeat(5000)}`), "here")]);
    const [, , line, caret] = text.split("\n");
    expect(line).to.have.lengthOf(4 + 3 + 160 + 3);
    expect(line!.slice(caret!.indexOf("^"), caret!.lastIndexOf("^") + 1)).to.equal("here");
  });

  it("never lets a file's bytes command the terminal or turn the reading order", () => {
    const config = source("a\u001b[31m\u202ekcolb hier");
    const text = renderDiagnostics([
      diagnostic("RW1001", "not a \u001b[2J word\nerror: forged", { primary: at(config, "hier") }),
    ]);
    expect(text).not.to.match(/[\u001b\u202e]/);
    expect(text).to.contain("not a \\u001b[2J word\\nerror: forged");
    expect(text).to.contain("a\\u001b[31m\\u202ekcolb hier");
  });

  it("is no command to the runner of a CI, whatever a file says or is called", () => {
    const config: Source = {
      path: "::error ::forged",
      text: "! ##vso[task.setvariable variable=PATH]x ##[add-mask]y here",
    };
    const text = renderDiagnostics([diagnostic("RW1001", "##VSO[task.complete]", { primary: at(config, "here") })]);
    expect(text).not.to.match(/##(vso)?\[|^\s*::/im);
    expect(text).to.match(/^\\u003a:error ::forged:1:/);
  });

  it("colours only when told", () => {
    const one = [about(source("here"), "here")];
    expect(renderDiagnostics(one)).not.to.contain("\u001b");
    expect(renderDiagnostics(one, style(true))).to.contain("\u001b[31m");
  });
});

describe("the count of diagnostics", () => {
  const error = diagnostic("RW1001", "a");
  const warning = diagnostic("RW2005", "b");
  it("says errors before warnings, one or many", () => {
    expect(countDiagnostics([error, warning, warning])).to.equal("1 error and 2 warnings");
    expect(countDiagnostics([warning])).to.equal("1 warning");
    expect(countDiagnostics([diagnostic("RW6002", "c")])).to.equal("");
  });
});

function source(text: string): Source {
  return { path: "policy.yaml", text };
}

function about(where: Source, piece: string): Diagnostic {
  return diagnostic("RW1001", "wrong", { primary: at(where, piece) });
}

function at(where: Source, piece: string) {
  const start = where.text.indexOf(piece);
  return span(where, start, start + piece.length);
}
