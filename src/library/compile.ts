import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, didYouMean, hasErrors } from "../diagnostics/index.js";
import type { CompiledTarget } from "../jobs/compile.js";
import { compileTarget } from "../jobs/compile.js";
import { Bdd } from "../packet-set/index.js";
import type { PolicyDocument } from "../policy/index.js";
import type { LoadedVendor, Registry } from "../registry.js";
import { installedVendors } from "../registry.js";
import type { Target } from "../vendor-kit/vendor.js";
import type { GivenFiles, ReadFile } from "./files.js";
import { readerOf } from "./files.js";
import { loadPolicy } from "./policy.js";
import { tool } from "./tool.js";

export interface CompileOptions {
  /** The files that the policy names (feeds, base configurations), by the paths that it writes, or how to get them. */
  readonly files?: GivenFiles | ReadFile;
  /** Ids of the vendors to compile for; by default every target of the policy. */
  readonly targets?: readonly string[];
  /** YYYY-MM-DD: exceptions that expired before it give a warning. Without it none is looked for. */
  readonly today?: string;
  /** False leaves out the proof: for measurements only. */
  readonly proof?: boolean;
  /** Where vendors come from; by default those of this package. */
  readonly registry?: Registry;
  /** Told before each piece of work that may take long. */
  progress?(words: string): void;
}

export interface CompileResult {
  /** Whether there is output: there was no error, and every target was proved unless the proof was left out. */
  readonly ok: boolean;
  /** In the order of the policy. */
  readonly targets: readonly CompiledTarget[];
  /** Of the policy and of all targets. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles an edge policy. Every target's output is read back by its own parser and compared with the policy, packet by
 * packet; when one cannot be proved, no target has files.
 *
 * Reads nothing but what it is given and its own vendors; writes nothing. Bad input gives diagnostics, it does not throw.
 */
export async function compile(policy: string | Source, options: CompileOptions = {}): Promise<CompileResult> {
  const source = typeof policy === "string" ? { path: "policy.yaml", text: policy } : policy;
  const readFile = typeof options.files === "function" ? options.files : readerOf(options.files ?? {});
  options.progress?.("reading the policy and its feeds");
  const loaded = loadPolicy(source, readFile, options.today);
  const { document, edge } = loaded;
  if (document === undefined) return failure(loaded.diagnostics);

  const registry = options.registry ?? installedVendors();
  const { ids, problems } = wantedTargets(document, options.targets ?? [], registry);
  const vendors = await Promise.all(ids.map((id) => registry.load(id)));
  const targets = vendors.map((vendor) => targetOf(document, vendor, readFile));
  const diagnostics = [
    ...loaded.diagnostics,
    ...problems,
    ...targets.flatMap((one) => one.problems),
    ...unservedHosts(document, vendors),
  ];
  if (edge === undefined || hasErrors(diagnostics)) return failure(diagnostics);

  const diagrams = new Bdd();
  const compiled = vendors.map(({ vendor }, i) => {
    options.progress?.(`compiling for ${vendor.manifest.id}`);
    return compileTarget(edge, vendor, targets[i]!.target, { proof: options.proof ?? true, diagrams });
  });
  const all = [...diagnostics, ...compiled.flatMap((one) => one.diagnostics)];
  return hasErrors(all)
    ? { ok: false, targets: compiled.map((one) => ({ ...one, files: [] })), diagnostics: all }
    : { ok: true, targets: compiled, diagnostics: all };
}

function failure(diagnostics: readonly Diagnostic[]): CompileResult {
  return { ok: false, targets: [], diagnostics };
}

/** The targets to compile for. Of a target that no vendor serves the policy's own check has spoken already. */
function wantedTargets(
  document: PolicyDocument,
  wanted: readonly string[],
  registry: Registry,
): { readonly ids: readonly string[]; readonly problems: readonly Diagnostic[] } {
  const inPolicy = [...document.targets.keys()];
  const served = inPolicy.filter((id) => registry.ids.includes(id));
  if (wanted.length === 0) {
    return served.length > 0 || inPolicy.length > 0
      ? { ids: served, problems: [] }
      : { ids: [], problems: [noTarget(document, registry)] };
  }
  return {
    ids: served.filter((id) => wanted.includes(id)),
    problems: wanted.filter((id) => !inPolicy.includes(id)).map((id) => missingTarget(id, inPolicy, registry)),
  };
}

function noTarget(document: PolicyDocument, registry: Registry): Diagnostic {
  return diagnostic("RW2011", "the policy names no target, so that there is nothing to write", {
    primary: { source: document.source, start: 0, end: 0 },
    help: `add \`targets:\` with any of ${registry.ids.join(", ")}; ringwall init shows their options`,
  });
}

function missingTarget(id: string, inPolicy: readonly string[], registry: Registry): Diagnostic {
  if (!registry.ids.includes(id)) {
    const help = `the vendors are ${registry.ids.join(", ")}`;
    return diagnostic("RW2011", `there is no vendor "${id}"${didYouMean(id, registry.ids)}`, { help });
  }
  return diagnostic("RW2011", `the policy has no target "${id}"; its targets are ${inPolicy.join(", ") || "none"}`, {
    help: `add it below \`targets:\`; ringwall init --vendor ${id} shows its options`,
  });
}

/** Roles that no target writes anything for. A run for some targets only says nothing of it. */
function unservedHosts(document: PolicyDocument, vendors: readonly LoadedVendor[]): Diagnostic[] {
  const { hosts, targets } = document;
  if (hosts === undefined || vendors.length < targets.size) return [];
  if (vendors.length === 0 || vendors.some(({ vendor }) => vendor.manifest.hosts === true)) return [];
  const names = vendors.map(({ vendor }) => vendor.manifest.id).join(", ");
  return [
    diagnostic("RW2016", `the policy has roles of hosts, and its targets (${names}) write nothing for them`, {
      primary: hosts.span,
      help: "add a target for a host firewall; ringwall init --preset smb-hosts shows one",
    }),
  ];
}

function targetOf(
  document: PolicyDocument,
  { vendor, templates }: LoadedVendor,
  readFile: ReadFile,
): { readonly target: Target; readonly problems: readonly Diagnostic[] } {
  const { id, fileOptions } = vendor.manifest;
  const node = document.targets.get(id)!;
  const files: Record<string, Source> = {};
  const problems: Diagnostic[] = [];
  for (const key of fileOptions) {
    const path = node.options[key];
    if (typeof path !== "string") continue;
    const reading = readFile(path, node.spanOf(key));
    if (reading.ok) files[key] = reading.source;
    else problems.push(reading.diagnostic);
  }
  return {
    target: { options: node.options, files, templates, tool: tool(), spanOf: (...path) => node.spanOf(...path) },
    problems,
  };
}
