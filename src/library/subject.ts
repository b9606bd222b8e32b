import type { Diagnostic, Source } from "../diagnostics/index.js";
import type { Configuration } from "../jobs/configuration.js";
import { readConfiguration } from "../jobs/configuration.js";
import type { Edge } from "../policy/index.js";
import type { Registry } from "../registry.js";
import { installedVendors } from "../registry.js";
import type { GivenFiles } from "./files.js";
import { readerOf } from "./files.js";
import { loadPolicy } from "./policy.js";

/** What the library is asked about: the text of a policy, or the texts of one device's configuration. */
export type Subject =
  | {
      readonly policy: string | Source;
      /** The feeds that the policy names, by the paths that it writes. */
      readonly files?: GivenFiles;
    }
  | {
      readonly configuration: string | Source | readonly Source[];
      /** The vendor's id; by default the surest vendor reads it. */
      readonly vendor?: string;
      /** The outside interfaces; by default what the text says, else each that occurs is tried. */
      readonly outside?: readonly string[];
      /** The interfaces on the other end; by default all others. */
      readonly inside?: readonly string[];
    };

export type ReadSubject =
  | { readonly kind: "policy"; readonly name: string; readonly edge: Edge; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: "configuration";
      readonly name: string;
      readonly configuration: Configuration;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly kind: "unreadable"; readonly diagnostics: readonly Diagnostic[] };

export async function readSubject(subject: Subject, registry: Registry = installedVendors()): Promise<ReadSubject> {
  if ("policy" in subject) {
    const source = asSource(subject.policy, "policy.yaml");
    const { edge, diagnostics } = loadPolicy(source, readerOf(subject.files ?? {}), undefined);
    return edge === undefined
      ? { kind: "unreadable", diagnostics }
      : { kind: "policy", name: source.path, edge, diagnostics };
  }
  const { configuration: texts, vendor, outside = [], inside = [] } = subject;
  const sources = (isList(texts) ? texts : [texts]).map((text) => asSource(text, "configuration"));
  const wanted = vendor !== undefined && registry.ids.includes(vendor) ? [vendor] : registry.ids;
  const vendors = await Promise.all(wanted.map(async (id) => (await registry.load(id)).vendor));
  const reading = readConfiguration(sources, vendors, { vendor, sidesFor: () => ({ outside, inside }) });
  if (!reading.ok) return { kind: "unreadable", diagnostics: reading.diagnostics };
  const { configuration } = reading;
  const name = sources.map((source) => source.path).join(",");
  return { kind: "configuration", name, configuration, diagnostics: configuration.diagnostics };
}

function asSource(text: string | Source, path: string): Source {
  return typeof text === "string" ? { path, text } : text;
}

function isList(texts: string | Source | readonly Source[]): texts is readonly Source[] {
  return Array.isArray(texts);
}
