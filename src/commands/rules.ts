import { codes, diagnostic, didYouMean } from "../diagnostics/index.js";
import { allRules } from "../lint/all-rules.js";
import type { RuleAbout } from "../report/lint/index.js";
import { jsonRule, rulesText, ruleText } from "../report/lint/index.js";
import { renderDiagnostics, style } from "../report/index.js";
import type { Command } from "./command.js";
import { summaries } from "./summaries.js";
import { exitCodes } from "./io.js";

export const command: Command = {
  name: "rules",
  summary: summaries.rules,
  description: `Lists every rule of ringwall lint with its severity, or shows the page of one: what it finds, why that matters, an
    example, what to write instead, and how to get there. A rule goes by its code or its name.`,
  positionals: [
    {
      name: "rule",
      about: "a code or a name; by default all are listed",
      required: false,
      complete: allRules.flatMap(({ code }) => [code, codes[code].name]),
    },
  ],
  options: [{ name: "json", kind: "flag", about: "print the rules as JSON (schemas/rules-report.schema.json)" }],
  examples: [
    { line: "ringwall rules", about: "all of them" },
    { line: "ringwall rules RW4001", about: "one, by its code" },
    { line: "ringwall rules shadowed-rule", about: "one, by its name" },
  ],
  run(given, io) {
    const [wanted] = given.positionals;
    const found = wanted === undefined ? allRules : allRules.filter((rule) => isCalled(rule, wanted));
    if (found.length === 0) {
      const wrong = diagnostic(
        "RW1007",
        `there is no rule "${wanted!}"${didYouMean(wanted!, allRules.flatMap(names))}`,
        {
          help: "ringwall rules lists them",
        },
      );
      io.stderr.write(renderDiagnostics([wrong], style(io.stderr.colour)));
      return Promise.resolve(exitCodes.usage);
    }
    const paint = style(io.stdout.colour);
    io.stdout.write(
      given.flag("json")
        ? `${JSON.stringify({ rules: found.map(jsonRule) }, null, 2)}\n`
        : wanted === undefined
          ? rulesText(found, paint, io.stdout.columns)
          : found.map((rule) => ruleText(rule, paint, io.stdout.columns)).join("\n"),
    );
    return Promise.resolve(exitCodes.done);
  },
};

function isCalled(rule: RuleAbout, word: string): boolean {
  return names(rule).some((name) => name.toLowerCase() === word.toLowerCase());
}

function names({ code }: RuleAbout): string[] {
  return [code, codes[code].name];
}
