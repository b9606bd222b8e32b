import type { Diagnostic, Parsed, ParseOptions, Source } from "../../src/vendor-kit/index.js";
import { diagnostic, span } from "../../src/vendor-kit/index.js";
import { kindOf } from "./detect.js";
import { deviceOf } from "./device.js";
import { inventory } from "./inventory.js";
import type { RulesText } from "./model.js";
import { readRestore } from "./restore.js";
import { readScript } from "./script.js";
import type { SetsText } from "./sets.js";
import { readSets } from "./sets.js";

/**
 * Reads the rules of a Linux host: what `iptables-save`, `ip6tables-save` and `ipset save` print, files for their
 * restore commands, and scripts of `iptables` commands, given together and in the order in which they are loaded.
 *
 * The family of a text is what iptables-save wrote above it, else what its addresses show, else its name (`rules.v6`).
 */
export function parse(sources: readonly Source[], options: ParseOptions): Parsed {
  const diagnostics: Diagnostic[] = [];
  const rules: RulesText = {};
  const sets: SetsText = new Map();
  for (const source of sources) {
    if (kindOf(source) === "sets") readSets(source, sets, diagnostics);
  }
  for (const source of sources) {
    switch (kindOf(source)) {
      case "sets":
        break;
      case "restore":
        readRestore(source, rules, diagnostics);
        break;
      case "script":
        readScript(source, rules, sets, diagnostics);
        break;
      case "other":
        if (source.text.trim() === "") break;
        diagnostics.push(
          diagnostic("RW6001", "this is neither the output of iptables-save nor a script of iptables commands", {
            primary: span(source, 0, Math.min(source.text.length, 80)),
            help: 'the output of "iptables -L" does not hold everything: give that of "iptables-save"',
          }),
        );
    }
  }
  const name = sources.map((source) => source.path).join(", ");
  const device = deviceOf(name, rules, sets, sources, options, diagnostics);
  return { device, diagnostics, inventory: inventory(sources, rules, sets, device) };
}
