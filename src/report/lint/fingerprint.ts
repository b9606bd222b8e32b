import { createHash } from "node:crypto";
import type { Finding } from "../../lint/index.js";

/**
 * A name for each finding of a run, in their order, by which it is known again in a later run: 32 hexadecimal digits of
 * a digest over rule, file, identity and, where these are equal, the number of equal ones before it. Moving lines do not
 * change it; renaming the file does. No two of a run are equal.
 *
 * `pathOf` gives a file the path that does not depend on where the run was started, such as the one below the root of
 * the repository.
 */
export function fingerprints(findings: readonly Finding[], pathOf = (file: string): string => file): string[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const what = JSON.stringify([finding.code, pathOf(finding.file), finding.identity]);
    const before = seen.get(what) ?? 0;
    seen.set(what, before + 1);
    return createHash("sha256").update(`${what}\n${before}`).digest("hex").slice(0, 32);
  });
}
