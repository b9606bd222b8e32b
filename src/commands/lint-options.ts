import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { FailOn } from "../jobs/repository-settings.js";
import { failOns } from "../jobs/repository-settings.js";
import type { Family } from "../net/index.js";
import { families as bothFamilies } from "../net/index.js";
import { isDate } from "../policy/index.js";
import type { Format } from "../report/lint/index.js";
import { formats } from "../report/lint/index.js";
import type { Given, Option } from "./command.js";

export const options: readonly Option[] = [
  { name: "policy", kind: "text", value: "FILE", about: "the edge policy to judge by" },
  {
    name: "format",
    kind: "list",
    value: "F[=FILE]",
    about: `${formats.map((one) => one.name).join(", ")}; to standard output or to a file. Text by default`,
  },
  { name: "vendor", kind: "text", value: "ID", complete: "vendor", about: "whose configurations; else recognised" },
  {
    name: "family",
    kind: "text",
    value: "FAMILY",
    choices: ["4", "6", "both", "ipv4", "ipv6"],
    about: "the address families to ask about",
  },
  { name: "outside", kind: "list", value: "NAME", about: "the outside interfaces" },
  { name: "inside", kind: "list", value: "NAME", about: "the interfaces on the other end; by default all others" },
  {
    name: "fail-on",
    kind: "text",
    value: "SEVERITY",
    choices: failOns,
    about: "the least severity that makes it exit with 1; warning by default",
  },
  { name: "exit-zero", kind: "flag", about: "exit with 0 whatever is found; input that cannot be read still fails" },
  { name: "config", kind: "text", value: "FILE", about: "the settings, in place of the nearest ringwall.yaml" },
  { name: "no-config", kind: "flag", about: "read no ringwall.yaml" },
  {
    name: "changed-since",
    kind: "text",
    value: "REV",
    about: "report findings in lines that changed since this branch left the revision; all is looked at",
  },
  { name: "baseline", kind: "text", value: "FILE", about: "a file of accepted findings, which do not count" },
  { name: "write-baseline", kind: "flag", about: "accept what is found now: write it to the baseline" },
  { name: "prune-baseline", kind: "flag", about: "take out of the baseline what is no longer found" },
  { name: "fix", kind: "flag", about: "mend what can be mended without changing what passes; it is proved" },
  { name: "unsafe-fix", kind: "flag", about: "mend also what changes what passes; look at it with --diff first" },
  { name: "diff", kind: "flag", about: "show what --fix or --unsafe-fix would change, and change nothing" },
  { name: "show-suppressed", kind: "flag", about: "show findings too that a comment or the baseline suppresses" },
  { name: "verbose", kind: "flag", about: "say which files were left out, and why" },
  { name: "stdin-name", kind: "text", value: "FILE", about: "what standard input is called, and whose settings hold" },
  { name: "today", kind: "text", value: "DATE", about: "the day that decides what has expired, YYYY-MM-DD" },
  { name: "no-cache", kind: "flag", about: "look at everything anew" },
  { name: "cache-dir", kind: "text", value: "DIR", about: "where to remember what was found; else with your caches" },
  { name: "jobs", kind: "text", value: "N", about: "how many threads at most; by default one a processor" },
];

/** The command line as the run wants it. */
export interface LintWords {
  readonly families?: readonly Family[];
  readonly failOn?: FailOn;
  readonly today?: string;
  readonly jobs?: number;
  readonly outputs: readonly FormatOutput[];
  readonly fixing: "no" | "safe" | "unsafe";
}

export interface FormatOutput {
  readonly format: Format;
  /** Undefined: standard output. */
  readonly file?: string;
}

/** Reads what the command line says; all that is wrong with it at once. */
export function readLintWords(given: Given): { readonly words: LintWords; readonly problems: readonly Diagnostic[] } {
  const problems: Diagnostic[] = [];
  const wrong = (message: string, help?: string): undefined => {
    problems.push(diagnostic("RW1007", message, { help }));
  };
  const outputs = (given.list("format").length === 0 ? ["text"] : given.list("format")).flatMap((word) => {
    const [name, file] = splitAt(word, "=");
    const format = formats.find((one) => one.name === name);
    if (format !== undefined) return [{ format, ...(file !== undefined && { file }) }];
    const names = formats.map((one) => one.name);
    wrong(`there is no format "${name}"${didYouMean(name, names)}`, `the formats are ${names.join(", ")}`);
    return [];
  });
  if (outputs.filter((one) => one.file === undefined).length > 1) {
    wrong("two formats cannot both go to standard output", "give one a file: --format sarif=out.sarif");
  }
  const today = given.text("today");
  if (today !== undefined && !isDate(today)) {
    problems.push(
      diagnostic("RW1008", `--today cannot be "${today}": it is not a day of the calendar`, { help: "YYYY-MM-DD" }),
    );
  }
  const jobs = given.text("jobs");
  if (jobs !== undefined && !/^[1-9]\d{0,3}$/.test(jobs)) wrong(`--jobs cannot be "${jobs}"`, "a number from 1 on");
  if (given.flag("no-config") && given.text("config") !== undefined)
    wrong("--config and --no-config exclude each other");
  if (given.flag("write-baseline") && given.flag("prune-baseline")) {
    wrong("--write-baseline and --prune-baseline exclude each other");
  }
  const baselined = given.flag("write-baseline") || given.flag("prune-baseline");
  if (baselined && given.text("changed-since") !== undefined) {
    wrong("a baseline is made of all findings: leave --changed-since out");
  }
  const fixing = given.flag("unsafe-fix") ? "unsafe" : given.flag("fix") || given.flag("diff") ? "safe" : "no";
  if (fixing !== "no" && baselined) wrong("mend first, and write the baseline in a run of its own");
  const family = given.text("family");
  const failOn = failOns.find((one) => one === given.text("fail-on"));
  return {
    problems,
    words: {
      ...(family !== undefined && {
        families: bothFamilies.filter((one) => family === "both" || one.endsWith(family.slice(-1))),
      }),
      ...(failOn !== undefined && { failOn }),
      ...(today !== undefined && { today }),
      ...(jobs !== undefined && { jobs: Number(jobs) }),
      outputs,
      fixing,
    },
  };
}

function splitAt(word: string, sign: string): readonly [string, string | undefined] {
  const at = word.indexOf(sign);
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
