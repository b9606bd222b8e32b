import type { Edit, Source, Span } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";

/** `aliases` and `filter` for a section in a file of its own; a whole configuration and a pf.conf are `whole`. */
export function partOf(source: Source): string {
  if (!isXml(source)) return "whole";
  const head = source.text.slice(0, 20_000).replace(/<!--[^]*?-->|<\?[^]*?\?>/g, "");
  const root = /<([A-Za-z][\w.-]*)/.exec(head)?.[1];
  return root === "aliases" || root === "filter" ? root : "whole";
}

/** The files that a pf.conf names: included ones, those of anchors and of tables. */
export function includesOf(source: Source): string[] {
  if (isXml(source)) return [];
  const text = source.text.replace(/#[^\r\n]*/g, "");
  return [...text.matchAll(/\b(?:include|from|file)\s+"([^"\r\n]+)"/g)].map((found) => found[1]!);
}

/** Takes a `<rule>` out with its lines, or a rule of pf.conf where it stands on lines of its own. */
export function removalOf(rule: Span): readonly Edit[] | undefined {
  if (isXml(rule.source)) {
    if (!/^<rule\b/.test(kit.spanText(rule))) return undefined;
    return [kit.cutLines(rule) ?? { span: rule, text: "" }];
  }
  const edit = kit.cutLines(rule, /^[ \t]*(?:#.*)?$/);
  return edit === undefined ? undefined : [edit];
}

function isXml(source: Source): boolean {
  return /^\uFEFF?\s*</.test(source.text);
}
