import type { Capability, Manifest, Support } from "../vendor-kit/vendor.js";
import type { Style } from "./style.js";
import { plain } from "./style.js";

/** What `ringwall vendors --json` prints for one vendor: schemas/vendors-report.schema.json. */
export interface JsonVendor {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly versions: string;
  readonly capabilities: Readonly<Record<Capability, Support>>;
}

export function jsonVendor({ id, title, summary, versions, capabilities }: Manifest): JsonVendor {
  return { id, title, summary, versions, capabilities };
}

/** Each capability in the words of a network engineer. */
export const capabilityTitles: Readonly<Record<Capability, string>> = {
  ipv6: "IPv6",
  continue: "leaves other traffic to the device",
  exceptions: "exceptions",
  reject: "reject",
  log: "log",
  icmp: "ICMP types and codes",
  "any-protocol": "any protocol",
  "source-ports": "source ports",
  "cuts-open-connections": "cuts connections that were open before",
  "firewall-itself": "the firewall's own traffic",
  base: "merges into a given configuration",
};

/** The table of capabilities, a column for each vendor, and below it how what is not native is done. */
export function vendorsTable(manifests: readonly Manifest[], style: Style = plain): string {
  const capabilities = Object.keys(capabilityTitles) as Capability[];
  const header = ["", ...manifests.map((one) => one.id)];
  const rows = capabilities.map((capability) => [
    capabilityTitles[capability],
    ...manifests.map((one) => one.capabilities[capability].kind),
  ]);
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => row[i]!.length)));
  const line = (cells: readonly string[], paint: (text: string, column: number) => string): string =>
    cells
      .map((cell, i) => paint(cell, i) + " ".repeat(widths[i]! - cell.length))
      .join("  ")
      .trimEnd();

  const about = manifests.flatMap((one) => [
    "",
    `${style.bold(one.title)} (${one.versions}): ${one.summary}`,
    ...capabilities.flatMap((capability) => remark(capability, one.capabilities[capability])),
  ]);
  return [
    line(header, (text) => style.bold(text)),
    ...rows.map((row) => line(row, (text, column) => (column === 0 ? text : paintSupport(text, style)))),
    ...about,
    "",
  ].join("\n");
}

function paintSupport(kind: string, style: Style): string {
  return kind === "native" ? style.good(kind) : kind === "lowered" ? kind : style.warning(kind);
}

function remark(capability: Capability, support: Support): string[] {
  const title = capabilityTitles[capability];
  switch (support.kind) {
    case "native":
      return [];
    case "lowered":
      return [`  ${title}: ${support.how}`];
    case "approximate":
      return [`  ${title}: ${support.effect} than the policy; ${support.how}`];
    case "unsupported":
      return [`  ${title}: not possible; ${support.why}`];
  }
}
