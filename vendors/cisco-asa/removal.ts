import type { Edit, Span } from "../../src/vendor-kit/index.js";
import { cutLines, spanText } from "../../src/vendor-kit/index.js";

/** Takes an entry of an access-list out, or a binding, with its line. The output of `show access-list` is no configuration. */
export function removalOf(rule: Span): readonly Edit[] | undefined {
  const text = spanText(rule);
  if (!/^(?:ipv6 )?access-(?:list|group) /.test(text) || /\(hitcnt=|\s0x[0-9a-f]{1,8}$/.test(text)) return undefined;
  const edit = cutLines(rule, /^[ \t]*(?:!.*)?$/);
  return edit === undefined ? undefined : [edit];
}
