import type { Edit, Source, Span } from "../../src/vendor-kit/index.js";
import { cutLines } from "../../src/vendor-kit/index.js";
import { kindOf } from "./detect.js";
import { familyOfLines } from "./family.js";
import { blocksOf } from "./restore.js";

/** `ipv4`, `ipv6` or `sets` for what the save commands print; a text of both families, and a script, is `whole`. */
export function partOf(source: Source): string {
  switch (kindOf(source)) {
    case "sets":
      return "sets";
    case "restore": {
      const families = new Set(blocksOf(source).map((block) => block.family ?? familyOfLines(source, block.texts)));
      const [only, more] = families;
      return only === undefined || more !== undefined ? "whole" : only;
    }
    case "script":
    case "other":
      return "whole";
  }
}

/**
 * Cuts a rule's line out. In a script only where the command stands alone at the left margin: what is indented may be
 * all that a branch or a loop has, and an empty one is an error.
 */
export function removalOf(rule: Span): readonly Edit[] | undefined {
  const { source, start, end } = rule;
  const isScript = kindOf(source) === "script";
  if (isScript && start > 0 && source.text[start - 1] !== "\n") return undefined;
  if (isScript && !/^\S*(?:ip6?tables|\$)/.test(source.text.slice(start, end))) return undefined;
  const edit = isScript ? cutLines(rule, /^[ \t]*(?:;[ \t]*)?(?:#.*)?$/) : cutLines(rule);
  return edit === undefined ? undefined : [edit];
}
