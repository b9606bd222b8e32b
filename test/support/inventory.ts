import type { AddressSet, Inventory, Source, Span, Vendor } from "../../src/vendor-kit/index.js";
import {
  applyEdits,
  fewestPrefixes4,
  fewestPrefixes6,
  formatPrefix4,
  formatPrefix6,
  positionOf,
  spanText,
} from "../../src/vendor-kit/index.js";

/** The inventory of some texts as lines, with the numbers of lines in place of spans. */
export function inventoryLines(vendor: Vendor, ...sources: readonly Source[]): string[] {
  const { inventory } = vendor.parse(sources, {});
  return inventory === undefined ? [] : linesOf(inventory);
}

/** A text as the only source. */
export function given(text: string, path = "text"): Source {
  return { path, text };
}

function linesOf({ definitions, idle, translations, comments }: Inventory): string[] {
  return [
    ...definitions.map(
      ({ kind, name, span, uses, empty, filter, removal }) =>
        `${kind} ${name} ${at(span)} used ${uses}${empty === true ? " empty" : empty === undefined ? " filled elsewhere" : ""}` +
        (filter === undefined
          ? ""
          : ` unbound: ${filter.chains
              .get(filter.entry)!
              .rules.map(({ verdict }) => (typeof verdict === "string" ? verdict : verdict.kind))
              .join(", ")}`) +
        (removal === undefined ? "" : " removable"),
    ),
    ...idle.map(
      ({ rule, why, sometimes, hooks, activation }) =>
        `idle ${at(rule.origin.span)} ${rule.verdict as string} ${sometimes ? "sometimes: " : ""}${why} [${hooks.join(" ")}]` +
        (activation === undefined
          ? ""
          : ` ${activation.map((edit) => `${JSON.stringify(spanText(edit.span))} to ${JSON.stringify(edit.text)}`).join(", ")}`),
    ),
    ...translations.map(
      ({ span, destination, ports, bypassesFilter }) =>
        `translation ${at(span)} to ${destination === undefined ? "?" : addresses(destination)}` +
        (ports === undefined
          ? ""
          : ` ports ${ports.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(",")}`) +
        (bypassesFilter ? " past the filter" : ""),
    ),
    ...comments.map(({ text, span, about }) => `comment ${at(span)} about ${at(about)}: ${text}`),
  ];
}

function at(place: Span | undefined): string {
  if (place === undefined) return "nowhere";
  const first = positionOf(place.source, place.start).line;
  const last = positionOf(place.source, place.end).line;
  return first === last ? `:${first}` : `:${first}-${last}`;
}

function addresses({ ipv4, ipv6 }: AddressSet): string {
  return [...fewestPrefixes4(ipv4).map(formatPrefix4), ...fewestPrefixes6(ipv6).map(formatPrefix6)].join(",");
}

/** The text without a definition, cut out by its own edits. */
export function withoutDefinition(vendor: Vendor, source: Source, name: string): string {
  const definition = vendor.parse([source], {}).inventory!.definitions.find((one) => one.name === name);
  return applyEdits(source, definition?.removal ?? []);
}

/** The diagnostics of a text as `CODE words that are underlined`. */
export function problems(vendor: Vendor, ...sources: readonly Source[]): string[] {
  return vendor
    .parse(sources, {})
    .diagnostics.map(({ code, primary }) => `${code}${primary === undefined ? "" : ` ${spanText(primary)}`}`);
}

/** Asks for everything that an inventory has: nothing in it may throw. */
export function touch(vendor: Vendor, ...sources: readonly Source[]): number {
  const { inventory } = vendor.parse(sources, {});
  let count = 0;
  for (const part of [inventory?.definitions, inventory?.idle, inventory?.translations, inventory?.comments]) {
    count += part?.length ?? 0;
  }
  for (const comment of inventory?.comments ?? []) vendor.removalOf?.(comment.about);
  return count;
}
