import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, span } from "../diagnostics/index.js";
import type { AddressSet } from "../net/index.js";
import { noAddress, unionOf } from "../net/index.js";
import { parseLiteral } from "../policy/index.js";

export interface AddressLines {
  readonly addresses: AddressSet;
  /** One error for each line that is none. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The addresses of a text with an address, a prefix or a range on each line. What stands behind `#` or `!` is a comment;
 * empty lines count for nothing.
 */
export function readAddressLines(source: Source): AddressLines {
  const sets: AddressSet[] = [];
  const diagnostics: Diagnostic[] = [];
  let start = source.text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (const line of source.text.slice(start).split("\n")) {
    const text = line.replace(/[#!].*$/s, "").trim();
    if (text !== "") {
      const read = parseLiteral(text);
      if (read.ok) sets.push(read.addresses);
      else {
        const at = start + line.indexOf(text);
        diagnostics.push(
          diagnostic("RW1004", `"${text.slice(0, 80)}" is no address: ${read.problem.why}`, {
            primary: span(source, at, at + text.length),
            help: read.problem.help ?? "write an address, a prefix or a range on each line",
          }),
        );
      }
    }
    start += line.length + 1;
  }
  return { addresses: sets.length === 0 ? noAddress : unionOf(sets), diagnostics };
}
