import type { Parsed, ParseOptions, Source } from "../../src/vendor-kit/index.js";

export function parse(sources: readonly Source[], _options: ParseOptions): Parsed {
  return {
    device: { name: sources.map((source) => source.path).join(", "), paths: [], interfaces: [] },
    diagnostics: [],
  };
}

export function detect(_source: Source): number {
  return 0;
}
