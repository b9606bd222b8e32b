import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import type { Hook } from "../ir/index.js";
import { hooks } from "../ir/index.js";
import { explainByDevice, explainByPolicy, explainByRole, usualHook } from "../jobs/explain.js";
import type { Explanation } from "../jobs/explain.js";
import { hooksOf } from "../jobs/interfaces.js";
import { readPacket } from "../jobs/packet-syntax.js";
import type { Packet } from "../ir/index.js";
import type { Direction } from "../policy/edge.js";
import { directions } from "../policy/edge.js";
import type { Registry } from "../registry.js";
import { installedVendors } from "../registry.js";
import { explanationText, jsonExplanation, renderDiagnostics, renderSome, style } from "../report/index.js";
import type { Command, Given } from "./command.js";
import { summaries } from "./summaries.js";
import type { ExitCode, Io } from "./io.js";
import { exitCodes } from "./io.js";
import { roleOf, roleProblem, rolesAreOfPolicies } from "./role.js";
import type { Subject } from "./subject.js";
import { readSubject, readTexts } from "./subject.js";

export const command: Command = {
  name: "explain",
  summary: summaries.explain,
  description: `Says what becomes of one packet: by a policy, which rule or exception decides; by a configuration of any vendor, the
    verdict and each rule that the packet met, with file and line. What the text does not decide is "unknown", with what it
    depends on.

    A packet is written as protocol, source, > and destination: "tcp 10.20.1.5 > 20.60.26.4:445", "udp [2001:db8::1]:50000 >
    [2001:db8:1::1]:137", "icmp 10.0.0.1 > 10.0.0.2 type 8 code 0", "protocol 47 10.0.0.1 > 10.0.0.2". It opens a connection,
    unless "state established" or another state is added.`,
  positionals: [
    {
      name: "policy-or-config",
      about: "a policy, a configuration, several files of one device divided by commas, or a folder",
      required: true,
      complete: "file",
    },
  ],
  options: [
    { name: "packet", kind: "text", value: "PACKET", about: "the packet" },
    {
      name: "direction",
      kind: "text",
      value: "DIRECTION",
      choices: directions,
      about: "inbound arrives on an outside interface, outbound leaves by one",
    },
    {
      name: "hook",
      kind: "text",
      value: "HOOK",
      choices: hooks,
      about: "forward: through the firewall (the default, if it has such rules); input: to itself; output: from itself",
    },
    {
      name: "role",
      kind: "text",
      value: "NAME",
      about: "of a policy with hosts: what hosts of this role do, in each category of networks",
    },
    { name: "outside", kind: "list", value: "NAME", about: "the configuration's outside interfaces" },
    { name: "inside", kind: "list", value: "NAME", about: "the interfaces on the other end; by default all others" },
    {
      name: "vendor",
      kind: "text",
      value: "ID",
      complete: "vendor",
      about: "whose configuration it is; by default it is recognised",
    },
    { name: "json", kind: "flag", about: "print the explanation as JSON (schemas/explain-report.schema.json)" },
  ],
  examples: [
    {
      line: 'ringwall explain policy.yaml --direction outbound \\\n--packet "tcp 10.20.1.5 > 20.60.26.4:445"',
      about: "which rule or exception decides",
    },
    {
      line: 'ringwall explain rules.v4,ipset.conf --outside wan0 --direction inbound \\\n--packet "tcp 192.0.2.1 > 10.20.1.5:445"',
      about: "what a configuration does",
    },
    {
      line: 'ringwall explain policy.yaml --role client --direction outbound \\\n--packet "tcp 10.20.1.5 > 10.1.4.3:445"',
      about: "what a host does, by network and authentication",
    },
  ],
  run: (given, io) => runExplain(given, io, installedVendors()),
};

/** `registry` stands apart so that tests bring vendors of their own. */
export async function runExplain(given: Given, io: Io, registry: Registry): Promise<ExitCode> {
  const question = readQuestion(given);
  if (!question.ok) return refuse(question.diagnostics, io);
  const texts = readTexts(given.positionals[0]!, io);
  if (!("kind" in texts)) return refuse(texts, io);
  const sides = { outside: given.list("outside"), inside: given.list("inside") };
  const { subject, diagnostics } = await readSubject(texts, { io, registry, vendor: given.text("vendor"), sides });
  if (subject === undefined) return refuse(diagnostics, io);
  const problem =
    question.role !== undefined && subject.kind !== "policy"
      ? rolesAreOfPolicies()
      : roleProblem(subject, question.role);
  if (problem !== undefined) return refuse([...diagnostics, problem], io);

  const explanation = explain(subject, question);
  if (explanation === undefined) return refuse([...diagnostics, noRules(subject, question)], io);
  if (given.flag("json")) {
    io.stdout.write(`${JSON.stringify(jsonExplanation(explanation, diagnostics), null, 2)}\n`);
    return exitCodes.done;
  }
  const said = diagnostics.filter((one) => one.severity !== "note");
  if (said.length > 0) io.stderr.write(`${renderSome(said, 20, style(io.stderr.colour))}\n`);
  io.stdout.write(explanationText(explanation, style(io.stdout.colour)));
  return hasErrors(diagnostics) ? exitCodes.usage : exitCodes.done;
}

interface Question {
  readonly packet: Packet;
  readonly direction: Direction;
  /** Undefined where nobody said. */
  readonly hook: Hook | undefined;
  readonly role: string | undefined;
}

function readQuestion(
  given: Given,
): ({ readonly ok: true } & Question) | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] } {
  const text = given.text("packet");
  const direction = directions.find((one) => one === given.text("direction"));
  const hook = hooks.find((one) => one === given.text("hook"));
  const reading = text === undefined ? undefined : readPacket(text);
  const problems: Diagnostic[] = [];
  if (reading === undefined)
    problems.push(
      diagnostic("RW1007", "explain needs --packet", { help: '--packet "tcp 10.20.1.5 > 20.60.26.4:445"' }),
    );
  else if (!reading.ok) problems.push(reading.diagnostic);
  if (direction === undefined) {
    problems.push(
      diagnostic("RW1007", "explain needs --direction", {
        help: "--direction inbound (it arrives on an outside interface) or outbound",
      }),
    );
  }
  if ((hook === "input" && direction === "outbound") || (hook === "output" && direction === "inbound")) {
    problems.push(
      diagnostic("RW1007", `no ${direction} packet comes to the hook ${hook}`, {
        help: "inbound goes with forward or input, outbound with forward or output",
      }),
    );
  }
  if (problems.length > 0 || reading === undefined || !reading.ok || direction === undefined)
    return { ok: false, diagnostics: problems };
  return { ok: true, packet: reading.packet, direction, hook, role: given.text("role") };
}

function explain(subject: Subject, { packet, direction, hook, role: name }: Question): Explanation | undefined {
  const role = roleOf(subject, name);
  if (role !== undefined) return explainByRole(role, packet, direction);
  if (subject.kind === "policy") return explainByPolicy(subject.edge, packet, direction);
  const { device, sides } = subject.configuration;
  return explainByDevice(device, packet, { direction, hook: hook ?? usualHook(device, direction), sides });
}

function noRules(subject: Subject, { hook = "forward" }: Question): Diagnostic {
  const there = subject.kind === "configuration" ? hooksOf(subject.configuration.device) : [];
  return diagnostic(
    "RW6005",
    `${subject.name} has no rules for packets of the hook ${hook}, so that it says nothing of this one`,
    {
      severity: "error",
      help: there.length === 0 ? "it has no rules at all" : `it has rules for ${there.join(", ")}: --hook ${there[0]}`,
    },
  );
}

function refuse(diagnostics: readonly Diagnostic[], io: Io): ExitCode {
  io.stderr.write(renderDiagnostics(diagnostics, style(io.stderr.colour)));
  return exitCodes.usage;
}
