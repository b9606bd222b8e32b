import type { Diagnostic, Source } from "../diagnostics/index.js";
import { diagnostic, didYouMean, hasErrors } from "../diagnostics/index.js";
import type { Device } from "../ir/index.js";
import type { Inventory } from "../vendor-kit/inventory.js";
import type { Vendor } from "../vendor-kit/vendor.js";
import type { Sides } from "./interfaces.js";
import { knownNames, strangeNames } from "./interfaces.js";

/** A vendor's text that was read. */
export interface Configuration {
  readonly vendor: Vendor;
  readonly sources: readonly Source[];
  readonly device: Device;
  readonly sides: Sides;
  readonly diagnostics: readonly Diagnostic[];
  readonly inventory?: Inventory;
}

export type ConfigurationReading =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export interface ConfigurationOptions {
  /** The vendor's id, where the user says so; else the surest vendor reads it. */
  readonly vendor?: string | undefined;
  /** The interfaces' sides, as far as they are known; asked when the vendor is known. */
  sidesFor(vendor: string): Sides;
  /** Files that no vendor knows are left aside, with a note, as long as there is one that a vendor knows. */
  readonly skipStrangers?: boolean;
}

/** Reads the files of one device, together. */
export function readConfiguration(
  sources: readonly Source[],
  vendors: readonly Vendor[],
  options: ConfigurationOptions,
): ConfigurationReading {
  const choice = chooseVendor(sources, vendors, options.vendor);
  if (!choice.ok) return choice;
  const { vendor } = choice;
  const known = options.skipStrangers === true ? ownFiles(sources, vendor) : sources;
  const skipped = sources.filter((source) => !known.includes(source));
  const sides = options.sidesFor(vendor.manifest.id);
  const { device, diagnostics, inventory } = vendor.parse(known, {
    ...(sides.outside.length > 0 && { outside: sides.outside }),
    ...(sides.inside.length > 0 && { inside: sides.inside }),
  });
  const strange = strangeInterfaces(device, sides, known);
  if (hasErrors(strange)) return { ok: false, diagnostics: strange };
  return {
    ok: true,
    configuration: {
      vendor,
      sources: known,
      device,
      sides,
      diagnostics: [...skipped.map(leftAside), ...strange, ...diagnostics],
      ...(inventory !== undefined && { inventory }),
    },
  };
}

/**
 * Interfaces that somebody called outside or inside and that the text does not know. Where the text lists all there are,
 * a question about them would be a question about nothing, and its answer no more than a mistake that looks like "ok".
 */
function strangeInterfaces(device: Device, sides: Sides, sources: readonly Source[]): Diagnostic[] {
  const complete = device.hasNoOtherInterface === true;
  const names = knownNames(device);
  const path = sources.map((source) => source.path).join(", ");
  // A text that does not list its interfaces need not speak of the inside ones.
  return (complete ? (["outside", "inside"] as const) : (["outside"] as const)).flatMap((side) =>
    strangeNames(device, sides[side]).map((name) =>
      diagnostic(
        "RW1010",
        `${path} ${complete ? "has no" : "does not speak of an"} interface "${name}"${didYouMean(name, names)}`,
        {
          severity: complete ? "error" : "warning",
          help:
            names.length === 0
              ? undefined
              : `it ${complete ? "has" : "speaks of"} ${names.join(", ")}; say which are ${side} with --${side}, or in ringwall.yaml`,
        },
      ),
    ),
  );
}

/** The files of a folder that a vendor knows; scripts that load them are left out, unless there is nothing else. */
function ownFiles(sources: readonly Source[], vendor: Vendor): readonly Source[] {
  const own = sources.filter((source) => vendor.detect(source) > 0);
  const plain = own.filter((source) => !source.text.startsWith("#!"));
  return plain.length > 0 ? plain : own;
}

type Choice =
  { readonly ok: true; readonly vendor: Vendor } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

function chooseVendor(sources: readonly Source[], vendors: readonly Vendor[], wanted: string | undefined): Choice {
  const ids = vendors.map((vendor) => vendor.manifest.id);
  if (wanted !== undefined) {
    const vendor = vendors.find((one) => one.manifest.id === wanted);
    if (vendor !== undefined) return { ok: true, vendor };
    return refuse(`there is no vendor "${wanted}"${didYouMean(wanted, ids)}`, `the vendors are ${ids.join(", ")}`);
  }
  const scored = vendors
    .map((vendor) => ({ vendor, score: sources.reduce((sum, source) => sum + vendor.detect(source), 0) }))
    .sort((a, b) => b.score - a.score);
  const [best, second] = scored;
  const names = sources.map((source) => source.path).join(", ");
  if (best === undefined || best.score === 0) {
    return refuse(`no vendor recognises ${names}`, `say which one it is: --vendor ${ids.join(" or ")}`);
  }
  if (second !== undefined && second.score === best.score) {
    const pair = [best, second].map((one) => one.vendor.manifest.id);
    return refuse(`${names} could be of ${pair.join(" or ")}`, `say which one it is: --vendor ${pair[0]}`);
  }
  return { ok: true, vendor: best.vendor };
}

function refuse(message: string, help: string): { readonly ok: false; readonly diagnostics: readonly Diagnostic[] } {
  return { ok: false, diagnostics: [diagnostic("RW6008", message, { help })] };
}

function leftAside(source: Source): Diagnostic {
  return diagnostic("RW6008", `${source.path} was left aside: it is no configuration of the same vendor`, {
    severity: "note",
  });
}
