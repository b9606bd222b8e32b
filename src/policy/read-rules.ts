import type { Diagnostic, Span } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import { isDate } from "./dates.js";
import type { ExceptionNode, RuleNode } from "./document.js";
import type { Direction } from "./edge.js";
import type { Reader } from "./fields.js";
import { oneOf, textAt } from "./fields.js";
import { networkOf } from "./read-networks.js";
import { serviceOf } from "./read-services.js";
import type { Mapping, Tree } from "./yaml.js";
import { nodeAt } from "./yaml.js";

/** The rules that can be read, in order. */
export function rulesOf(tree: Mapping, reader: Reader): RuleNode[] {
  const list = tree.entries.get("rules")?.value;
  const rules: RuleNode[] = [];
  const names = new Map<string, Span>();
  for (const item of list?.kind === "list" ? list.items : []) {
    if (item.kind !== "mapping") continue;
    const name = item.entries.get("name")?.value;
    if (name?.kind === "scalar" && typeof name.value === "string") {
      const first = names.get(name.value);
      if (first === undefined) names.set(name.value, name.span);
      else reader.report(sameRuleName(name.value, name.span, first));
    }
    const rule = ruleOf(item, reader);
    if (rule !== undefined) rules.push(rule);
  }
  return rules;
}

function sameRuleName(name: string, second: Span, first: Span): Diagnostic {
  return diagnostic("RW2008", `two rules are named "${name}", so that messages and comments could mean either`, {
    primary: second,
    related: [{ span: first, message: "the first one" }],
    help: "give one of them another name",
  });
}

const actions = ["deny", "reject", "permit"] as const;

function ruleOf(tree: Mapping, reader: Reader): RuleNode | undefined {
  const name = textAt(tree, "name");
  const action = actions.find((one) => tree.entries.has(one));
  // Read every part before anything is given up, so that all errors are told.
  const services = action === undefined ? undefined : serviceOf(tree.entries.get(action)!.value, reader);
  const from = optional(tree, "from", reader, networkOf);
  const to = optional(tree, "to", reader, networkOf);
  const list = tree.entries.get("except")?.value;
  const exceptions = (list?.kind === "list" ? list.items : []).map((item) => exceptionOf(item, reader));
  const nameNode = nodeAt(tree, ["name"]);
  if (action === undefined || services === undefined || from === "wrong" || to === "wrong") return undefined;
  const description = textAt(tree, "description");
  const family = familyAt(tree);
  const log = nodeAt(tree, ["log"]);
  return {
    name: name ?? "unnamed",
    ...(description !== undefined && { description }),
    action,
    services,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    directions: directionsAt(tree) ?? ["inbound", "outbound"],
    ...(family !== undefined && { family }),
    log: log?.kind === "scalar" && log.value === true,
    exceptions: exceptions.filter((one) => one !== undefined),
    span: nameNode?.span ?? tree.span,
    spans: spansOf(tree),
  };
}

function exceptionOf(tree: Tree, reader: Reader): ExceptionNode | undefined {
  if (tree.kind !== "mapping") return undefined;
  const from = optional(tree, "from", reader, networkOf);
  const to = optional(tree, "to", reader, networkOf);
  const services = optional(tree, "service", reader, serviceOf);
  const directions = directionsAt(tree);
  const family = familyAt(tree);
  const reason = textAt(tree, "reason");
  const expires = textAt(tree, "expires");
  if (expires !== undefined) checkDate(expires, nodeAt(tree, ["expires"])!.span, reader);
  if (from === "wrong" || to === "wrong" || services === "wrong") return undefined;
  return {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(services !== undefined && { services }),
    ...(directions !== undefined && { directions }),
    ...(family !== undefined && { family }),
    ...(reason !== undefined && { reason }),
    ...(expires !== undefined && { expires }),
    span: tree.span,
    spans: spansOf(tree),
  };
}

function checkDate(text: string, at: Span, reader: Reader): void {
  // What is not digits and dashes is a matter of the shape.
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || isDate(text)) return;
  reader.report(
    diagnostic("RW1008", `"${text}" is not a day of the calendar`, { primary: at, help: "write a date as YYYY-MM-DD" }),
  );
}

function optional<Node>(
  tree: Mapping,
  key: string,
  reader: Reader,
  read: (tree: Tree, reader: Reader) => Node | undefined,
): Node | undefined | "wrong" {
  const entry = tree.entries.get(key);
  return entry === undefined ? undefined : (read(entry.value, reader) ?? "wrong");
}

function directionsAt(tree: Mapping): readonly Direction[] | undefined {
  const text = oneOf(textAt(tree, "direction"), ["inbound", "outbound", "both"] as const);
  return text === undefined ? undefined : text === "both" ? ["inbound", "outbound"] : [text];
}

function familyAt(tree: Mapping): "ipv4" | "ipv6" | "both" | undefined {
  return oneOf(textAt(tree, "family"), ["ipv4", "ipv6", "both"] as const);
}

function spansOf(tree: Mapping): Map<string, Span> {
  return new Map([...tree.entries].map(([key, entry]) => [key, entry.value.span]));
}
