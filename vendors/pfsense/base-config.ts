import type { Diagnostic, Source } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { ElementLines } from "./print-xml.js";
import { ownMark } from "./print-xml.js";
import type { Document, Element } from "./xml.js";
import { at, child, childrenOf, elementSpan, has, readXml, skipSpace, valueOf } from "./xml.js";

/** How our rules and aliases are known again in a configuration. */
export interface Ownership {
  /** The first of our trackers; they end below `tracker + trackers`. */
  readonly tracker: number;
  readonly prefix: string;
}

/** How many trackers are ours. */
export const trackers = 10_000;

export interface BaseConfig {
  /** The owner's configuration without our rules and aliases. */
  readonly document: Document;
  readonly root: Element;
  /** Names of aliases that stay. */
  readonly aliasNames: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The owner's configuration, our own earlier rules and aliases taken out. Undefined when it cannot be worked on. */
export function readBase(source: Source, own: Ownership, report: (one: Diagnostic) => void): BaseConfig | undefined {
  const document = readXml(source);
  const { root, encoding } = document;
  const refuse = (message: string, details: kit.DiagnosticDetails = {}): undefined => {
    report(kit.diagnostic("RW3008", message, details));
    return undefined;
  };
  if (encoding !== undefined && !["utf-8", "utf8", "us-ascii", "ascii"].includes(encoding))
    return refuse(
      `the base configuration says that it is encoded in ${kit.plainLine(encoding, 40)}, and it was read as UTF-8`,
      {
        primary: kit.span(source, 0, Math.max(0, source.text.indexOf(">") + 1)),
        help: "download the configuration again from Diagnostics > Backup & Restore, which writes UTF-8",
      },
    );
  const problem = document.problems[0];
  if (problem !== undefined || root === undefined)
    return refuse(`the base configuration is not well-formed XML: ${problem?.message ?? "there is no element"}`, {
      primary: problem?.at,
    });
  if (root.name !== "pfsense")
    return refuse(`the base configuration is a <${root.name}> and not a <pfsense>`, {
      primary: kit.span(source, root.start, root.openEnd),
      help: "give the complete config.xml of a pfSense",
    });
  for (const name of ["filter", "aliases"]) {
    const [, second] = childrenOf(root, name);
    if (second !== undefined)
      return refuse(`the base configuration has two <${name}> sections; pfSense refuses that`, {
        primary: elementSpan(second),
      });
  }

  const diagnostics: Diagnostic[] = [];
  const rules = childrenOf(child(root, "filter"), "rule");
  for (const rule of rules) noticeStrangers(rule, own, diagnostics);
  const ownRules = rules.filter((rule) => isOwnRule(rule, own));
  const ownAliases = childrenOf(child(root, "aliases"), "alias").filter((alias) => isOwnAlias(alias, own));
  const edits = [
    ...removals(ownRules),
    ...removals(ownAliases),
    ...shiftedSeparators(root, rules, own, "taken out", 0),
  ];
  const stripped: Source = { path: source.path, text: applied(source.text, edits) };
  const without = edits.length === 0 ? document : readXml(stripped);
  const strippedRoot = without.root!;
  return {
    document: without,
    root: strippedRoot,
    aliasNames: childrenOf(child(strippedRoot, "aliases"), "alias").map((alias) => valueOf(alias, "name")),
    diagnostics,
  };
}

/** The complete configuration with our rules in front of all others and our aliases behind all others. */
export function merged(base: BaseConfig, aliases: readonly ElementLines[], rules: readonly ElementLines[]): string {
  const { text } = base.document.source;
  const filter = child(base.root, "filter");
  const section = child(base.root, "aliases");
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const edits: Edit[] = [];
  if (rules.length > 0) {
    const first = child(filter, "rule");
    edits.push(
      filter === undefined
        ? newSection(base, "filter", rules, eol)
        : first === undefined
          ? appended(filter, rules, text, eol)
          : before(first, rules, text, eol),
      ...shiftedSeparators(base.root, [], undefined, "put in", rules.length),
    );
  }
  if (aliases.length > 0)
    edits.push(
      section === undefined ? newSection(base, "aliases", aliases, eol) : appended(section, aliases, text, eol),
    );
  return applied(text, edits);
}

/** Sections of a configuration as they stand there, each for a file of its own; those that there are, in the order of `names`. */
export function sectionTexts(config: string, names: readonly string[]): ReadonlyMap<string, string> {
  const { root } = readXml({ path: "config.xml", text: config });
  return new Map(
    names.flatMap((name) => {
      const element = child(root, name);
      return element === undefined ? [] : [[name, config.slice(element.start, element.end)] as const];
    }),
  );
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Edits must not overlap; of two insertions in one place the first given comes first. */
function applied(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let position = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    pieces.push(text.slice(position, edit.start), edit.text);
    position = edit.end;
  }
  pieces.push(text.slice(position));
  return pieces.join("");
}

function isOwnRule(rule: Element, own: Ownership): boolean {
  return isOwnTracker(rule, own) && valueOf(rule, "descr").startsWith(ownMark.trim());
}

function isOwnTracker(rule: Element, own: Ownership): boolean {
  const text = valueOf(rule, "tracker");
  const tracker = Number(text);
  return /^\d{1,10}$/.test(text) && tracker >= own.tracker && tracker < own.tracker + trackers;
}

function isOwnAlias(alias: Element, own: Ownership): boolean {
  return valueOf(alias, "name").startsWith(`${own.prefix}_`) && valueOf(alias, "descr").startsWith(ownMark.trim());
}

/** Copies keep the description and get another tracker; a rule of another's with one of our trackers stays, too. */
function noticeStrangers(rule: Element, own: Ownership, diagnostics: Diagnostic[]): void {
  const marked = valueOf(rule, "descr").startsWith(ownMark.trim());
  const ours = isOwnTracker(rule, own);
  if (marked === ours) return;
  diagnostics.push(
    kit.diagnostic(
      "RW3007",
      marked
        ? `"${kit.plainLine(valueOf(rule, "descr"), 60)}" looks like a copy of a rule of ours that was made by hand: it stays, and no later output changes it`
        : `a rule has the tracker ${valueOf(rule, "tracker")}, which is in the block of our rules, and another description: it stays`,
      {
        primary: elementSpan(rule),
        help: marked
          ? "delete it, or give it a description of its own"
          : "give the rules of this output another tracker",
      },
    ),
  );
}

/**
 * Takes elements out so that putting the same in again gives the same text: with the space behind them, or, where the
 * section ends behind them, with the space before them.
 */
function removals(elements: readonly Element[]): Edit[] {
  const edits: Edit[] = [];
  for (let i = 0; i < elements.length; i++) {
    const first = elements[i]!;
    const { text } = first.source;
    let last = first;
    while (i + 1 < elements.length && isSpace(text, last.end, elements[i + 1]!.start)) last = elements[++i]!;
    const next = skipSpace(text, last.end);
    if (text.startsWith("</", next)) edits.push({ start: skipSpaceBack(text, first.start), end: last.end, text: "" });
    else edits.push({ start: first.start, end: next, text: "" });
  }
  return edits;
}

function before(element: Element, lines: readonly ElementLines[], text: string, eol: string): Edit {
  const indent = indentOf(element, text);
  return {
    start: element.start,
    end: element.start,
    text: lines.map((one) => one.join(eol + indent) + eol + indent).join(""),
  };
}

function appended(section: Element, lines: readonly ElementLines[], text: string, eol: string): Edit {
  const outer = indentOf(section, text);
  const last = section.children[section.children.length - 1];
  const indent = last === undefined ? `${outer}\t` : indentOf(last, text);
  const inserted = lines.map((one) => eol + indent + one.join(eol + indent)).join("");
  if (section.openEnd === section.end && text.endsWith("/>", section.end) && section.closeStart === section.openEnd) {
    // An empty-element tag has no inside yet.
    const open = text.slice(section.start, section.end).replace(/\s*\/>$/, ">");
    return { start: section.start, end: section.end, text: `${open}${inserted}${eol}${outer}</${section.name}>` };
  }
  const place = last?.end ?? skipSpaceBack(text, section.closeStart);
  // A section that was empty gets its end tag on a line of its own.
  const opened = last === undefined && !/[\r\n]/.test(text.slice(place, section.closeStart));
  return { start: place, end: place, text: inserted + (opened ? eol + outer : "") };
}

/** Behind `<filter>`, or as the last of all. */
function newSection(base: BaseConfig, name: string, lines: readonly ElementLines[], eol: string): Edit {
  const { text } = base.document.source;
  const neighbour = child(base.root, "filter") ?? base.root.children[base.root.children.length - 1];
  const indent = neighbour === undefined ? "\t" : indentOf(neighbour, text);
  const inner = `${eol}${indent}\t`;
  const place = neighbour?.end ?? base.root.openEnd;
  const body = lines.map((one) => inner + one.join(inner)).join("");
  return { start: place, end: place, text: `${eol}${indent}<${name}>${body}${eol}${indent}</${name}>` };
}

/**
 * The separators of the floating rules stand at positions, counted in rules: they move with the rules above them.
 * Taking out: by our rules above each. Putting in: by `count`, because ours go in front of all.
 */
function shiftedSeparators(
  root: Element,
  rules: readonly Element[],
  own: Ownership | undefined,
  way: "taken out" | "put in",
  count: number,
): Edit[] {
  const ours = rules.filter((rule) => has(rule, "floating")).map((rule) => own !== undefined && isOwnRule(rule, own));
  if (way === "taken out" && !ours.includes(true)) return [];
  return (at(root, "filter", "separator", "floatingrules")?.children ?? []).flatMap((separator) => {
    const row = child(separator, "row");
    const digits = /\d+/.exec(row === undefined ? "" : row.source.text.slice(row.openEnd, row.closeStart));
    if (row === undefined || digits === null) return [];
    const position = Number(digits[0]);
    const moved = way === "put in" ? position + count : position - ours.slice(0, position).filter(Boolean).length;
    const start = row.openEnd + digits.index;
    return moved === position ? [] : [{ start, end: start + digits[0].length, text: String(moved) }];
  });
}

/** The space before an element on its own line; "" when something else stands there. */
function indentOf(element: Element, text: string): string {
  const start = skipSpaceBack(text, element.start);
  const space = text.slice(start, element.start);
  const line = /[^\r\n]*$/.exec(space)![0];
  return line.length === space.length && start > 0 ? "" : line;
}

function isSpace(text: string, start: number, end: number): boolean {
  return skipSpace(text, start) >= end;
}

function skipSpaceBack(text: string, from: number): number {
  let i = from;
  while (i > 0 && " \t\r\n".includes(text[i - 1]!)) i--;
  return i;
}
