import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import type { FileChanges } from "../lint/changed-lines.js";
import { newFile, readPatch } from "../lint/changed-lines.js";

export interface ChangesSince {
  /** What has become of a file, by its full path; undefined where it is as it was. */
  of(file: string): FileChanges | undefined;
}

export type ChangesReading =
  | { readonly ok: true; readonly changes: ChangesSince; readonly notes: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

/**
 * The lines of the working tree that are other than at a revision, or than at the commit where this branch left it: what
 * others have done there since is not of the change. Files that Git does not know are new.
 */
export function changesSince(revision: string, folder: string): ChangesReading {
  const refuse = (message: string, help?: string): ChangesReading => ({
    ok: false,
    diagnostic: diagnostic("RW1013", message, { help }),
  });
  if (revision.startsWith("-") || revision === "") {
    return refuse(`"${revision}" is no revision`, "name a branch, a tag or a commit: --changed-since origin/main");
  }
  const root = git(folder, "rev-parse", "--show-toplevel");
  if (!root.ok) {
    return root.missing
      ? refuse("--changed-since asks Git, and there is no git to be found", "install it, or leave the option out")
      : refuse("--changed-since asks Git, and this is no repository of it", lastLine(root.words));
  }
  const top = root.text.trimEnd();
  const commit = git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);
  if (!commit.ok) {
    return refuse(
      `Git knows no revision "${revision}" here`,
      "fetch it first; in CI the checkout has to hold it (fetch-depth: 0)",
    );
  }
  const base = git(top, "merge-base", commit.text.trim(), "HEAD");
  const from = base.ok ? base.text.trim() : commit.text.trim();
  const notes = base.ok
    ? []
    : [
        diagnostic(
          "RW1013",
          `${revision} and this branch have no common commit here: compared with ${revision} itself`,
          {
            severity: "warning",
            help: "fetch more of the history (fetch-depth: 0)",
          },
        ),
      ];
  const patch = git(
    top,
    ...["-c", "core.quotePath=false", "diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv"],
    ...["--find-renames", "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules", from, "--"],
  );
  const tracked = git(top, "ls-files", "-z", "--full-name");
  if (!patch.ok || !tracked.ok) {
    const words = patch.ok ? (tracked.ok ? "" : tracked.words) : patch.words;
    return refuse(`Git cannot compare with ${revision}: ${lastLine(words)}`);
  }
  const changed = new Map([...readPatch(patch.text)].map(([path, changes]) => [join(top, path), changes]));
  const known = new Set(tracked.text.split("\0").map((path) => join(top, path)));
  return {
    ok: true,
    notes,
    changes: {
      of(file) {
        const real = realPath(resolve(folder, file));
        return known.has(real) ? changed.get(real) : newFile;
      },
    },
  };
}

type Answer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: boolean; readonly words: string };

/** Git without a shell. Its settings of the user may not change what it prints. */
function git(folder: string, ...words: readonly string[]): Answer {
  try {
    const text = execFileSync("git", ["--no-pager", ...words], {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 1 << 30,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" },
    });
    return { ok: true, text };
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string };
    return { ok: false, missing: code === "ENOENT", words: stderr ?? (error as Error).message };
  }
}

function lastLine(words: string): string {
  return words.trim().split("\n").at(-1) ?? "";
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
