import type { Code, Span } from "../../src/diagnostics/index.js";
import { codes } from "../../src/diagnostics/index.js";
import type { Finding } from "../../src/lint/finding.js";

/** A finding with nothing more to it than its rule and its place. */
export function findingAt(code: Code, primary: Span | undefined, file = primary?.source.path ?? "edge.conf"): Finding {
  return {
    code,
    severity: codes[code].severity,
    message: codes[code].about,
    file,
    ...(primary !== undefined && { primary }),
    related: [],
    certainty: "must",
    hooks: [],
    directions: [],
    families: [],
    packets: [],
    conditions: [],
    amounts: [],
    identity: "",
  };
}
