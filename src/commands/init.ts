import { lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import { firstPolicy, presets } from "../jobs/first-policy.js";
import type { Preset } from "../jobs/first-policy.js";
import type { Registry } from "../registry.js";
import type { Manifest } from "../vendor-kit/vendor.js";
import { installedVendors, packageRoot } from "../registry.js";
import { renderDiagnostics, style } from "../report/index.js";
import type { Command, Given } from "./command.js";
import { summaries } from "./summaries.js";
import { isDirectory, shownPath } from "./files.js";
import type { ExitCode, Io } from "./io.js";
import { exitCodes } from "./io.js";

export const command: Command = {
  name: "init",
  summary: summaries.init,
  description: `Writes a policy with comments that compiles as it stands: SMB and NetBIOS are denied in both directions, with one
    exception to put your own addresses into. A file that is there already is kept, unless --force is given.`,
  positionals: [{ name: "file", about: "what to write; policy.yaml by default", required: false, complete: "file" }],
  options: [
    {
      name: "vendor",
      kind: "list",
      value: "ID",
      complete: "vendor",
      about: "a target to start with; by default all that fit",
    },
    {
      name: "preset",
      kind: "text",
      value: "NAME",
      choices: presets,
      about: "what it is about: the edge (smb-edge, the default), or also what single hosts do (smb-hosts)",
    },
    { name: "force", kind: "flag", about: "overwrite a file that is there" },
  ],
  examples: [
    { line: "ringwall init", about: "write policy.yaml with every vendor's options" },
    { line: "ringwall init edge/policy.yaml --vendor ID", about: "for one vendor only" },
    { line: "ringwall init --preset smb-hosts", about: "for hosts too: clients, servers, domain controllers" },
  ],
  run: (given, io) => runInit(given, io, installedVendors()),
};

/** `registry` stands apart so that tests bring vendors of their own. */
export async function runInit(given: Given, io: Io, registry: Registry): Promise<ExitCode> {
  const unknown = given.list("vendor").filter((id) => !registry.ids.includes(id));
  if (unknown.length > 0) return refuse(io, ...unknown.map((id) => unknownVendor(id, registry)));

  const preset = presets.find((one) => one === given.text("preset")) ?? "smb-edge";

  const named = given.positionals[0] ?? "policy.yaml";
  const path = resolve(io.cwd, named, isDirectory(resolve(io.cwd, named)) ? "policy.yaml" : "");
  const text = firstPolicy(nameOf(path), await manifestsFor(given, preset, registry), {
    preset,
    schema: schemaFor(path),
  });

  const shown = shownPath(io.cwd, path);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined && !given.flag("force")) {
    return refuse(
      io,
      diagnostic("RW1009", `${shown} is there already`, { help: "name another file, or overwrite it with --force" }),
    );
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    return refuse(io, diagnostic("RW1009", `cannot write ${shown}: ${(error as Error).message}`));
  }
  io.stdout.write(`${shown} is written. Put your interfaces and addresses in, then: ringwall compile ${shown}\n`);
  return exitCodes.done;
}

/** Those that were asked for, else all that have something to say of what the policy is about. */
async function manifestsFor(given: Given, preset: Preset, registry: Registry): Promise<readonly Manifest[]> {
  const asked = given.list("vendor");
  const manifests = await Promise.all(
    (asked.length > 0 ? asked : registry.ids).map(async (id) => (await registry.load(id)).vendor.manifest),
  );
  const serving = manifests.filter((manifest) => manifest.hosts === true);
  return preset === "smb-hosts" && asked.length === 0 && serving.length > 0 ? serving : manifests;
}

function refuse(io: Io, ...diagnostics: readonly Diagnostic[]): ExitCode {
  io.stderr.write(renderDiagnostics(diagnostics, style(io.stderr.colour)));
  return exitCodes.usage;
}

function unknownVendor(id: string, registry: Registry): Diagnostic {
  return diagnostic("RW1007", `there is no vendor "${id}"${didYouMean(id, registry.ids)}`, {
    help: `the vendors are ${registry.ids.join(", ")}`,
  });
}

/** A policy is named after its folder, or after its file when that says more. */
function nameOf(path: string): string {
  const file = basename(path).replace(/\.[^.]*$/, "");
  const words = (file === "policy" ? basename(dirname(path)) : file)
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[^A-Za-z]+|-+$/g, "");
  return words === "" ? "edge" : words;
}

/** The schema of an installation within the same project; a path to anywhere else would be wrong on the next machine. */
function schemaFor(path: string): string | undefined {
  const schema = fileURLToPath(new URL("schemas/policy.schema.json", packageRoot()));
  const root = fileURLToPath(packageRoot());
  const project = root.includes(`${sep}node_modules${sep}`)
    ? root.slice(0, root.indexOf(`${sep}node_modules${sep}`))
    : root;
  const within = relative(project, path);
  if (within.startsWith("..") || within === "") return undefined;
  const way = relative(dirname(path), schema).split(sep).join("/");
  return way.startsWith(".") ? way : join("./", way);
}
