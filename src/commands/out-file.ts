import { basename, dirname, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import type { EmittedFile } from "../vendor-kit/vendor.js";
import { shownPath } from "./files.js";
import type { Io } from "./io.js";
import { planOutput, writeOutput } from "./output.js";

export interface WrittenFile extends EmittedFile {
  /** `path` is as it is shown. */
  readonly change: "created" | "updated" | "unchanged";
}

/** Writes what `--out` asks for. One file becomes `out`; several stand in a folder of that name. All are written, or none. */
export function writeOutFiles(files: readonly EmittedFile[], out: string, io: Io): readonly WrittenFile[] | Diagnostic {
  const full = resolve(io.cwd, out);
  const [folder, named] =
    files.length === 1 ? [dirname(full), [{ ...files[0]!, path: basename(full) }]] : [full, files];
  const plan = planOutput(
    folder,
    named.map((file) => ({ ...file, executable: file.executable === true })),
    [],
    io.cwd,
  );
  if (!plan.ok) return outHelp(plan.diagnostic);
  const failed = writeOutput(folder, plan.changes, io.cwd);
  if (failed !== undefined) return outHelp(failed);
  return named.map((file, i) => {
    const { kind } = plan.changes[i]!;
    return {
      ...file,
      path: shownPath(io.cwd, resolve(folder, file.path)),
      // Nothing is removed, because no folder is owned.
      change: kind === "removed" ? "unchanged" : kind,
    };
  });
}

function outHelp(problem: Diagnostic): Diagnostic {
  return { ...problem, help: "nothing was written; --out names another file" };
}
