import type { Diagnostic, Source } from "../diagnostics/index.js";
import { readConfiguration } from "../jobs/configuration.js";
import type { Sides } from "../jobs/interfaces.js";
import type { Comment } from "../vendor-kit/inventory.js";
import type { Vendor } from "../vendor-kit/vendor.js";
import type { DeviceLint, LintOptions } from "./lint.js";
import { lintDevice } from "./lint.js";

/** What the linter says of the texts of one device, before suppressions have their effect. */
export type SourcesLint =
  | (DeviceLint & {
      readonly kind: "linted";
      readonly vendor: { readonly id: string; readonly title: string };
      /** Those that speak to the linter. */
      readonly comments: readonly Comment[];
      readonly diagnostics: readonly Diagnostic[];
    })
  | { readonly kind: "unreadable"; readonly diagnostics: readonly Diagnostic[] };

export interface SourcesLintOptions extends LintOptions {
  /** The vendor's id, where it is known; else the surest reads them. */
  readonly vendor?: string;
  /** The interfaces' sides, as far as they are known; asked when the vendor is known. */
  sidesFor(vendor: string): Sides;
}

/** Reads the texts of one device and looks at them. */
export function lintSources(
  sources: readonly Source[],
  vendors: readonly Vendor[],
  options: SourcesLintOptions,
): SourcesLint {
  const reading = readConfiguration(sources, vendors, { vendor: options.vendor, sidesFor: options.sidesFor });
  if (!reading.ok) return { kind: "unreadable", diagnostics: reading.diagnostics };
  const { configuration } = reading;
  const { id, title } = configuration.vendor.manifest;
  return {
    kind: "linted",
    vendor: { id, title },
    ...lintDevice(configuration, options),
    comments: (configuration.inventory?.comments ?? []).filter(({ text }) => /ringwall/i.test(text)),
    // What the reader saw in the text is what the linter's rules tell; of the question itself they know nothing.
    diagnostics: configuration.diagnostics.filter(({ code }) => code.startsWith("RW1")),
  };
}
