import type { Diagnostic, Parsed, Source } from "../../src/vendor-kit/index.js";
import { Script } from "./commands.js";
import { inventory } from "./inventory.js";
import { readJson } from "./json.js";
import { deviceOf } from "./paths.js";
import { checkSets } from "./set-checks.js";

/**
 * Reads what `nft list ruleset`, `nft -f` scripts and `nft --json list ruleset` say, as one ruleset, in the order of the
 * sources. A source that another one includes is read there and not again.
 *
 * The text is taken for the whole ruleset: what no chain in it filters passes.
 */
export function parse(sources: readonly Source[]): Parsed {
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  const report = (problem: Diagnostic): void => {
    // A chain that several base chains lead to is lowered for each of them.
    const key = `${problem.code} ${problem.message} ${problem.primary?.source.path} ${problem.primary?.start}`;
    if (!seen.has(key)) diagnostics.push(problem);
    seen.add(key);
  };
  const included = includedSources(sources);
  const script = new Script(sources, report);
  for (const source of sources) {
    if (included.has(source)) continue;
    const json = /^\s*[{[]/.test(source.text) ? readJson(source, report) : undefined;
    if (json === undefined) script.run(source);
    else for (const command of json) script.runTokens(command);
  }
  const { ruleset } = script;
  checkSets(ruleset, report);
  const device = deviceOf(ruleset, sources[0]?.path ?? "nftables", report);
  return { device, diagnostics, inventory: inventory(sources, ruleset, device) };
}

/** A first pass finds out which files are parts of others; its messages are not heard. */
function includedSources(sources: readonly Source[]): ReadonlySet<Source> {
  if (sources.length < 2) return new Set();
  const included = new Set<Source>();
  for (const source of sources) {
    if (!/\binclude\b/.test(source.text)) continue;
    const script = new Script(sources, () => undefined);
    script.run(source);
    for (const one of script.included) if (one !== source) included.add(one);
  }
  // Files that include each other in a ring would all be left out.
  return included.size === sources.length ? new Set() : included;
}
