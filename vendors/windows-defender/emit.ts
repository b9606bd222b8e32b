import type { Edge, Emission, Target } from "../../src/vendor-kit/index.js";
import { diagnostic } from "../../src/vendor-kit/index.js";

export function emit(_edge: Edge, target: Target): Emission {
  const why = diagnostic("RW3001", "the output for Windows is not written yet", { primary: target.spanOf() });
  return { files: [], diagnostics: [why], claims: [] };
}
