import type { Diagnostic } from "../diagnostics/index.js";
import { hasErrors } from "../diagnostics/index.js";
import type { DiffSide } from "../jobs/diff.js";
import { diff } from "../jobs/diff.js";
import type { Sides } from "../jobs/interfaces.js";
import { families } from "../net/index.js";
import type { Registry } from "../registry.js";
import { installedVendors } from "../registry.js";
import type { DiffName } from "../report/index.js";
import { diffText, jsonDiff, renderDiagnostics, renderSome, style } from "../report/index.js";
import type { Command, Given, Option } from "./command.js";
import { summaries } from "./summaries.js";
import type { ExitCode, Io } from "./io.js";
import { exitCodes } from "./io.js";
import { roleOf, roleProblem, rolesAreOfPolicies } from "./role.js";
import type { Subject, Texts } from "./subject.js";
import { readSubject, readTexts, sidesOfTarget } from "./subject.js";

export const command: Command = {
  name: "diff",
  summary: summaries.diff,
  description: `Compares what passes the edge by two configurations of any vendors, or by a policy and a configuration. They are
    equal, or it shows which packets pass in the one and not in the other, by direction, with an example and the lines that
    decide it. Exit code 0: equal; 1: different, or undecided because a text was not understood.

    Several files of one device are divided by commas, or are a folder. Interfaces are named by --outside and --inside (on
    both sides) or --outside-a, --inside-a, --outside-b, --inside-b; else by a ringwall.yaml in the repository, the targets
    of the policy, or the text itself. Where nobody says, each interface is tried, and the report says so.`,
  positionals: [
    { name: "a", about: "a policy or a configuration", required: true, complete: "file" },
    { name: "b", about: "what it is compared with", required: true, complete: "file" },
  ],
  options: [
    ...sideOptions(""),
    ...sideOptions("-a"),
    ...sideOptions("-b"),
    {
      name: "role",
      kind: "text",
      value: "NAME",
      about: "of a policy with hosts: compare what hosts of this role do",
    },
    { name: "family", kind: "text", value: "FAMILY", choices: families, about: "compare one address family only" },
    { name: "json", kind: "flag", about: "print the comparison as JSON (schemas/diff-report.schema.json)" },
  ],
  examples: [
    { line: "ringwall diff before.conf after.conf", about: "what a change opens and closes" },
    {
      line: "ringwall diff policy.yaml rules.v4,rules.v6,ipset.conf --outside wan0",
      about: "does the device do what the policy says?",
    },
    {
      line: "ringwall diff policy.yaml exported.json --role client",
      about: "does a host do what its role says?",
    },
    {
      line: "ringwall diff old.conf new.conf --outside-a outside --outside-b wan0",
      about: "a move to another vendor",
    },
  ],
  run: (given, io) => runDiff(given, io, installedVendors()),
};

function sideOptions(which: "" | "-a" | "-b"): Option[] {
  const whose = which === "" ? "" : ` of ${which.slice(1)}`;
  return [
    { name: `outside${which}`, kind: "list", value: "NAME", about: `the outside interfaces${whose}` },
    {
      name: `inside${which}`,
      kind: "list",
      value: "NAME",
      about: `the interfaces${whose} on the other end; by default all others`,
    },
    {
      name: `vendor${which}`,
      kind: "text",
      value: "ID",
      complete: "vendor",
      about: `whose configuration ${whose === "" ? "they are" : "it is"}; by default it is recognised`,
    },
  ];
}

/** `registry` stands apart so that tests bring vendors of their own. */
export async function runDiff(given: Given, io: Io, registry: Registry): Promise<ExitCode> {
  const [a, b] = given.positionals.map((word) => readTexts(word, io));
  const unreadable = [a!, b!].flatMap((texts) => ("kind" in texts ? [] : texts));
  if (unreadable.length > 0 || !("kind" in a!) || !("kind" in b!)) return refuse(unreadable, io);

  // A policy is read first: its targets may name the interfaces of the other side.
  const read = async (texts: Texts, which: "a" | "b", other?: Subject) => {
    io.progress(`reading ${texts.name}`);
    const sidesOf = (id: string): Sides | undefined =>
      other?.kind === "policy" ? sidesOfTarget(other.document, id) : undefined;
    return readSubject(texts, {
      io,
      registry,
      vendor: given.text(`vendor-${which}`) ?? given.text("vendor"),
      sides: sidesGiven(given, which),
      sidesOf,
    });
  };
  const first = b.kind === "policy" ? await read(b, "b") : await read(a, "a");
  const second = b.kind === "policy" ? await read(a, "a", first.subject) : await read(b, "b", first.subject);
  const [left, right] = b.kind === "policy" ? [second, first] : [first, second];
  const diagnostics = [...left.diagnostics, ...right.diagnostics];
  if (left.subject === undefined || right.subject === undefined) return refuse(diagnostics, io);

  const role = given.text("role");
  const subjects = [left.subject, right.subject];
  if (role !== undefined && !subjects.some((one) => one.kind === "policy"))
    return refuse([...diagnostics, rolesAreOfPolicies()], io);
  const strangers = subjects.flatMap((one) => roleProblem(one, role) ?? []);
  if (strangers.length > 0) return refuse([...diagnostics, ...strangers], io);

  io.progress("comparing");
  const result = diff(sideOf(left.subject, role), sideOf(right.subject, role), {
    family: families.find((one) => one === given.text("family")),
  });
  const names = { a: nameOf(left.subject, role), b: nameOf(right.subject, role) };
  if (given.flag("json")) {
    io.stdout.write(`${JSON.stringify(jsonDiff(result, names, diagnostics), null, 2)}\n`);
  } else {
    const said = [...diagnostics, ...result.diagnostics].filter((one) => one.severity !== "note");
    if (said.length > 0) io.stderr.write(`${renderSome(said, 20, style(io.stderr.colour))}\n`);
    io.stdout.write(diffText(result, names, style(io.stdout.colour)));
  }
  return result.result === "equal" && !hasErrors(diagnostics) ? exitCodes.done : exitCodes.findings;
}

function sidesGiven(given: Given, which: "a" | "b"): Sides {
  const list = (name: string): readonly string[] => {
    const own = given.list(`${name}-${which}`);
    return own.length > 0 ? own : given.list(name);
  };
  return { outside: list("outside"), inside: list("inside") };
}

function sideOf(subject: Subject, role: string | undefined): DiffSide {
  const found = roleOf(subject, role);
  return subject.kind === "policy"
    ? { kind: "policy", name: subject.name, edge: subject.edge, ...(found && { role: found }) }
    : { kind: "configuration", name: subject.name, configuration: subject.configuration };
}

function nameOf(subject: Subject, role: string | undefined): DiffName {
  return subject.kind === "policy"
    ? { name: role === undefined ? subject.name : `${subject.name} (role ${role})`, kind: "policy" }
    : { name: subject.name, kind: "configuration", vendor: subject.configuration.vendor.manifest.id };
}

function refuse(diagnostics: readonly Diagnostic[], io: Io): ExitCode {
  io.stderr.write(renderDiagnostics(diagnostics, style(io.stderr.colour)));
  return exitCodes.usage;
}
