import { expect } from "chai";
import { cruise } from "dependency-cruiser";
import type { ICruiseResult } from "dependency-cruiser";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** From left to right: a layer imports only what stands to its left. See src/README.md. */
const layers = [
  ["diagnostics"],
  ["net"],
  ["ir"],
  ["packet-set"],
  ["feeds"],
  ["policy"],
  ["vendor-kit"],
  ["proof"],
  ["jobs"],
  ["lint"],
  ["report"],
  ["registry"],
  ["library"],
  ["fetch"],
  ["commands"],
  ["cli", "index"],
];

/** Layers that touch neither clock, disk, network, environment nor terminal. */
const pure = [
  "diagnostics",
  "net",
  "ir",
  "packet-set",
  "feeds",
  "policy",
  "vendor-kit",
  "proof",
  "jobs",
  "lint",
  "report",
];

const root = join(import.meta.dirname, "..");

interface Arrow {
  readonly from: string;
  readonly to: string;
}

describe("the architecture", function () {
  this.timeout(60_000);
  let arrows: Arrow[] = [];

  before(async () => {
    const { output } = await cruise(
      ["src", "vendors"],
      { baseDir: root, doNotFollow: { path: "node_modules" }, tsPreCompilationDeps: true },
      { extensions: [".ts", ".js"] },
    );
    arrows = (output as ICruiseResult).modules.flatMap((module) =>
      module.dependencies.map((dependency) => ({ from: module.source, to: dependency.resolved })),
    );
  });

  it("was really looked at", () => {
    expect(arrows.length).to.be.greaterThan(200);
    expect(arrows).to.deep.include({ from: "src/packet-set/decide.ts", to: "src/packet-set/space.ts" });
  });

  it("has no folder in src that is not a layer", () => {
    const found = readdirSync(join(root, "src"), { withFileTypes: true }).filter(
      (entry) => (entry.isDirectory() || entry.name.endsWith(".ts")) && entry.name !== "build",
    );
    expect(found.map((entry) => entry.name.replace(/\.ts$/, "")).sort()).to.deep.equal(layers.flat().sort());
  });

  it("lets a layer import only what stands to its left", () => {
    const wrong = arrows.filter(({ from, to }) => {
      const [a, b] = [layerOf(from), layerOf(to)];
      return a !== undefined && b !== undefined && b > a;
    });
    expect(wrong.map(text)).to.deep.equal([]);
  });

  it("lets a vendor import nothing of src but the vendor kit, and nothing of another vendor", () => {
    const wrong = arrows.filter(({ from, to }) => {
      const vendor = /^vendors\/[^/]+\//.exec(from)?.[0];
      if (vendor === undefined) return false;
      return (
        (to.startsWith("src/") && to !== "src/vendor-kit/index.ts") ||
        (to.startsWith("vendors/") && !to.startsWith(vendor))
      );
    });
    expect(wrong.map(text)).to.deep.equal([]);
  });

  it("has no circle of imports", async () => {
    const { output } = await cruise(["src", "vendors"], {
      baseDir: root,
      doNotFollow: { path: "node_modules" },
      // Types may refer to each other; a circle at run time is an order of evaluation that nobody chose.
      tsPreCompilationDeps: false,
      validate: true,
      ruleSet: { forbidden: [{ name: "circle", severity: "error", from: {}, to: { circular: true } }] },
    });
    expect((output as ICruiseResult).summary.violations.map(({ from, to }) => `${from} > ${to}`)).to.deep.equal([]);
  });

  it("keeps the layers that decide things free of effects", () => {
    const wrong = arrows.filter(({ from, to }) => {
      const layer = /^src\/([^/.]+)/.exec(from)?.[1];
      const isPure = from.startsWith("vendors/") || (layer !== undefined && pure.includes(layer));
      return (
        isPure &&
        ["fs", "fs/promises", "child_process", "net", "http", "https", "os", "process", "tty", "readline"].includes(to)
      );
    });
    expect(wrong.map(text)).to.deep.equal([]);
  });

  it("reaches a network in one layer only", () => {
    const ways = ["net", "tls", "http", "https", "http2", "dns", "dgram", "undici"];
    const reaching = arrows.filter(({ to }) => ways.some((way) => to === way || to.startsWith(`node_modules/${way}/`)));
    expect([...new Set(reaching.map(({ from }) => /^src\/[^/]+/.exec(from)?.[0]))]).to.deep.equal(["src/fetch"]);
  });

  it("reads no clock and no environment below the commands", () => {
    const wrong = sources()
      .filter(([path]) => path.startsWith("vendors/") || pure.some((layer) => path.startsWith(`src/${layer}/`)))
      .filter(([, text]) =>
        /\bDate\.now\(|\bnew Date\(\)|\bprocess\.(env|stdout|stderr|cwd|argv)|\bconsole\.|\bMath\.random\(/.test(text),
      );
    expect(wrong.map(([path]) => path)).to.deep.equal([]);
  });

  it("names no vendor in src", () => {
    const ids = readdirSync(join(root, "vendors"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const words = new RegExp(`\\b(${ids.map((entry) => entry.name).join("|")})\\b`, "i");
    const wrong = sources()
      .filter(([path]) => path.startsWith("src/") && !path.startsWith("src/build/"))
      .flatMap(([path, text]) =>
        text
          .split("\n")
          .filter((line) => words.test(withoutComment(line)))
          .map((line) => `${path}: ${line.trim()}`),
      );
    expect(wrong).to.deep.equal([]);
  });
});

function layerOf(path: string): number | undefined {
  const name = /^src\/([^/.]+)/.exec(path)?.[1];
  const index = layers.findIndex((layer) => name !== undefined && layer.includes(name));
  return index < 0 ? undefined : index;
}

function text({ from, to }: Arrow): string {
  return `${from} > ${to}`;
}

function sources(): (readonly [string, string])[] {
  return ["src", "vendors"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !path.includes("fixtures/"))
      .map((path) => [join(folder, path), readFileSync(join(root, folder, path), "utf8")] as const),
  );
}

/** Comments may give a vendor as an example. */
function withoutComment(line: string): string {
  return /^\s*(\*|\/\*|\/\/)/.test(line) ? "" : line.replace(/\s\/\/ .*$/, "");
}
