import type { Diagnostic, Source } from "../../src/vendor-kit/index.js";
import type { RulesText } from "./model.js";
import type { SetsText } from "./sets.js";
export function readScript(source: Source, rules: RulesText, sets: SetsText, diagnostics: Diagnostic[]): void {
  void [source, rules, sets, diagnostics];
}
