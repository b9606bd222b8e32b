import type { Comment, FoundComment, Source, Statement } from "../../src/vendor-kit/index.js";
import { aboutStatements, families, speaksToLinter } from "../../src/vendor-kit/index.js";
import { kindOf } from "./detect.js";
import type { RulesText, RuleText } from "./model.js";
import type { SetsText } from "./sets.js";

/**
 * The comments of a text that speak to the linter: lines with `#`, in scripts also behind a command, and the text of
 * `-m comment --comment`.
 */
export function commentsOf(source: Source, rules: RulesText, sets: SetsText): Comment[] {
  if (!speaksToLinter(source.text)) return [];
  const own = rulesIn(source, rules);
  const statements: Statement[] = [...own, ...definitionsIn(source, rules, sets)];
  const beside = aboutStatements(source, hashComments(source), withoutDoubles(statements));
  const within = own.flatMap((rule): Comment[] => {
    if (!/ringwall/i.test(source.text.slice(rule.start, rule.end))) return [];
    return rule.words.flatMap((word, i): Comment[] => {
      const text = word.text === "--comment" ? rule.words[i + 1] : undefined;
      if (text === undefined || !/ringwall/i.test(text.text)) return [];
      return [
        {
          text: text.text.trim(),
          span: { source, start: text.start, end: text.end },
          about: { source, start: rule.start, end: rule.end },
        },
      ];
    });
  });
  return [...beside, ...within].sort((a, b) => a.span.start - b.span.start);
}

function rulesIn(source: Source, rules: RulesText): RuleText[] {
  return families.flatMap((family) =>
    [...(rules[family]?.values() ?? [])].flatMap((table) =>
      [...table.chains.values()].flatMap((chain) => chain.rules.filter((rule) => isIn(rule.source, source))),
    ),
  );
}

/** Chains, policies and sets. */
function definitionsIn(source: Source, rules: RulesText, sets: SetsText): Statement[] {
  const found: Statement[] = [];
  for (const family of families) {
    for (const table of rules[family]?.values() ?? []) {
      for (const { declared, policies } of table.chains.values()) {
        for (const place of [declared, ...policies.map((policy) => policy.span)]) {
          if (place !== undefined && isIn(place.source, source)) found.push(place);
        }
      }
    }
  }
  for (const set of sets.values()) {
    if (isIn(set.span.source, source)) found.push(set.span);
    for (const { source: where, start, end } of set.entries) {
      if (isIn(where, source)) found.push({ start, end });
    }
  }
  return found;
}

/** A part of a script that is read as a file of its own has the script's path and offsets. */
function isIn(where: Source, source: Source): boolean {
  return where === source || where.path === source.path;
}

/** One command can make several rules, as in a loop. */
function withoutDoubles(statements: readonly Statement[]): Statement[] {
  return [...new Map(statements.map((one) => [`${one.start} ${one.end}`, one])).values()];
}

function hashComments(source: Source): FoundComment[] {
  const sign = kindOf(source) === "script" ? /(?<=^|[ \t;])#[^\r\n]*/gm : /(?<=^[ \t]*)#[^\r\n]*/gm;
  return [...source.text.matchAll(sign)]
    .filter(({ 0: text }) => /ringwall/i.test(text))
    .map(({ 0: text, index }) => ({
      text: text.replace(/^#+/, "").trim(),
      start: index,
      end: index + text.trimEnd().length,
    }));
}
