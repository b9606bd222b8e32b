import type { Chain, Device } from "../../src/ir/index.js";
import type { Edge, EdgeRule } from "../../src/policy/edge.js";
import { truthOf } from "../../src/policy/truth.js";
import type { Registry } from "../../src/registry.js";
import type { Diagnostic, Emission, Manifest, Parsed, Source, Target, Vendor } from "../../src/vendor-kit/index.js";
import { diagnostic, headerLines, lineSpan, linesOf } from "../../src/vendor-kit/index.js";

/** A way in which a fake vendor's output is wrong. */
export type Fault = "loses-exceptions" | "loses-rules" | "writes-nonsense" | "makes-no-claim";

/**
 * A vendor without a device: its configuration is a line of JSON for each rule. It goes by the id of a real vendor,
 * because policies are checked against the real vendors' options.
 */
export function fakeVendor(id: string, fault?: Fault): Vendor {
  return {
    manifest: manifest(id),
    detect: (source) => (source.text.includes("paper rule ") || source.text.startsWith("# paper") ? 0.9 : 0),
    emit: (edge, target) => emit(id, edge, target, fault),
    parse: (sources, options) => parse(sources, options.outside ?? ["wan0"]),
  };
}

export function fakeRegistry(...vendors: readonly Vendor[]): Registry {
  return {
    ids: vendors.map((vendor) => vendor.manifest.id).sort(),
    load: (id) => Promise.resolve({ vendor: vendors.find((vendor) => vendor.manifest.id === id)!, templates: {} }),
  };
}

function manifest(id: string): Manifest {
  const native = { kind: "native" } as const;
  return {
    id,
    title: `Paper ${id}`,
    summary: "rules on paper",
    versions: "any paper",
    capabilities: {
      ipv6: native,
      continue: native,
      exceptions: native,
      reject: { kind: "lowered", how: "as a drop" },
      log: { kind: "unsupported", why: "paper is patient" },
      icmp: native,
      "any-protocol": native,
      "source-ports": native,
      "cuts-open-connections": native,
      "firewall-itself": { kind: "approximate", effect: "broader", how: "with a wider pen" },
      base: native,
    },
    fileOptions: ["base"],
    targetSchema: {},
    example: "outside: [wan0]",
    judges: "every-packet",
    apply: ["read {dir}/rules.paper aloud"],
  };
}

function emit(id: string, edge: Edge, target: Target, fault: Fault | undefined): Emission {
  const outside = (target.options["outside"] as string[] | undefined) ?? ["wan0"];
  const rules = (fault === "loses-rules" ? [] : edge.rules).map((rule) =>
    fault === "loses-exceptions" ? { ...rule, exceptions: [] } : rule,
  );
  const lines = [
    "# paper",
    ...headerLines(edge, target).map((line) => `# ${line}`),
    ...(fault === "writes-nonsense" ? ["scribble"] : []),
    ...rules.map((rule) => `paper rule ${JSON.stringify(rule, encode)}`),
    `paper end ${edge.default}`,
  ];
  return {
    files: [
      { path: "rules.paper", text: `${lines.join("\n")}\n`, about: `the rules of ${id}` },
      { path: "apply.sh", text: "#!/bin/sh\n# written by ringwall 0\n", about: "reads them aloud", executable: true },
    ],
    diagnostics: [],
    claims:
      fault === "makes-no-claim"
        ? []
        : [
            {
              reads: ["rules.paper"],
              hooks: ["forward", "input", "output"],
              outside,
              judged: "every-packet",
              acceptIsContinue: false,
              rejectIsDrop: false,
              continueBecomes: { inbound: "continue", outbound: "continue" },
            },
          ],
  };
}

function parse(sources: readonly Source[], outside: readonly string[]): Parsed {
  const rules: EdgeRule[] = [];
  const diagnostics: Diagnostic[] = [];
  let end: Edge["default"] = "continue";
  for (const source of sources) {
    for (const line of linesOf(source)) {
      const [, kind, rest] = /^paper (rule|end) (.*)$/.exec(line.text) ?? [];
      if (kind === "rule") rules.push({ ...(JSON.parse(rest!, decode) as EdgeRule), span: lineSpan(source, line) });
      else if (kind === "end") end = rest as Edge["default"];
      else if (!line.text.startsWith("#")) {
        diagnostics.push(diagnostic("RW6001", `"${line.text}" is not understood`, { primary: lineSpan(source, line) }));
      }
    }
  }
  const truth = truthOf(
    { name: "paper", feeds: [], rules, default: end },
    { outside, hooks: ["forward", "input", "output"] },
  );
  const device: Device = { ...truth, interfaces: outside.map((name) => ({ name })) };
  return { device: diagnostics.length > 0 ? nobodyKnows(device) : device, diagnostics };
}

/** What was not understood could have decided every packet. */
function nobodyKnows(device: Device): Device {
  const torn = (chain: Chain): Chain => ({
    ...chain,
    rules: [{ match: { kind: "everything" }, verdict: "unknown", origin: { label: "scribble" } }, ...chain.rules],
  });
  return {
    ...device,
    paths: device.paths.map((path) => ({
      ...path,
      filters: path.filters.map((filter) => ({
        ...filter,
        chains: new Map([...filter.chains].map(([name, chain]) => [name, torn(chain)])),
      })),
    })),
  };
}

function encode(key: string, value: unknown): unknown {
  return key === "span" ? undefined : typeof value === "bigint" ? `${value}n` : value;
}

function decode(_key: string, value: unknown): unknown {
  return typeof value === "string" && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
}
