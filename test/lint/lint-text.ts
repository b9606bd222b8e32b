import { expect } from "chai";
import type { Source } from "../../src/diagnostics/index.js";
import { positionOf } from "../../src/diagnostics/index.js";
import { readConfiguration } from "../../src/jobs/configuration.js";
import type { Sides } from "../../src/jobs/interfaces.js";
import { loadPolicy } from "../../src/library/policy.js";
import { readerOf } from "../../src/library/files.js";
import type { DeviceLint, Finding, LintOptions } from "../../src/lint/index.js";
import { lintDevice } from "../../src/lint/index.js";
import type { Edge } from "../../src/policy/index.js";
import { installedVendors } from "../../src/registry.js";
import type { Vendor } from "../../src/vendor-kit/vendor.js";

/** SMB and NetBIOS cross in no direction. */
export const nothingExcepted = `version: 1
name: test
rules:
  - name: block-smb
    deny: [tcp/445, udp/137-138, tcp/139]
    direction: both
`;

/** The same, with TCP 445 outbound to two storage ranges. */
export const storageExcepted = `version: 1
name: test
networks:
  storage: [20.60.26.0/24, 20.60.130.0/24]
rules:
  - name: block-smb
    deny: [tcp/445, udp/137-138, tcp/139]
    direction: both
    except:
      - { to: storage, service: tcp/445, direction: outbound, reason: shares }
`;

export interface LintTextOptions extends Partial<LintOptions> {
  readonly policy?: string;
  readonly outside?: readonly string[];
  readonly inside?: readonly string[];
}

/** Lints texts of one device. */
export async function lintText(
  texts: string | Readonly<Record<string, string>>,
  options: LintTextOptions = {},
): Promise<DeviceLint> {
  const named = typeof texts === "string" ? { config: texts } : texts;
  const sources = Object.entries(named).map(([path, text]): Source => ({ path, text }));
  const sides: Sides = { outside: options.outside ?? [], inside: options.inside ?? [] };
  const reading = readConfiguration(sources, await vendors(), { sidesFor: () => sides });
  if (!reading.ok) throw new Error(reading.diagnostics.map((one) => one.message).join("\n"));
  return lintDevice(reading.configuration, {
    edge: edgeOf(options.policy ?? nothingExcepted),
    families: options.families ?? ["ipv4", "ipv6"],
    severities: options.severities ?? new Map(),
    ...(options.hooks && { hooks: options.hooks }),
    ...(options.feeds && { feeds: options.feeds }),
  });
}

export function edgeOf(policy: string): Edge {
  const { edge, diagnostics } = loadPolicy({ path: "policy.yaml", text: policy }, readerOf({}), undefined);
  if (edge === undefined) throw new Error(diagnostics.map((one) => one.message).join("\n"));
  return edge;
}

let loading: Promise<readonly Vendor[]> | undefined;

function vendors(): Promise<readonly Vendor[]> {
  const registry = installedVendors();
  return (loading ??= Promise.all(registry.ids.map(async (id) => (await registry.load(id)).vendor)));
}

/** `RW4001@3 must inbound+outbound ipv4`, without directions and families where no packets are spoken of. */
export function brief({ code, primary, certainty, directions, families }: Finding): string {
  const line = primary === undefined ? "-" : positionOf(primary.source, primary.start).line;
  return [`${code}@${line}`, certainty, directions.join("+"), families.join("+")]
    .filter((word) => word !== "")
    .join(" ");
}

/** The findings of some codes, in brief; of all codes when none is named. */
export function briefly({ findings }: DeviceLint, ...codes: readonly string[]): string[] {
  return findings.filter((one) => codes.length === 0 || codes.includes(one.code)).map(brief);
}

export function only(lint: DeviceLint, code: string): Finding {
  const found = lint.findings.filter((one) => one.code === code);
  expect(found.length, `findings ${code} among ${briefly(lint).join(", ")}`).to.equal(1);
  return found[0]!;
}
