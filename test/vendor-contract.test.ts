import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "chai";
import fc from "fast-check";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { compileTarget } from "../src/jobs/compile.js";
import { installedVendors } from "../src/registry.js";
import type { LoadedVendor } from "../src/registry.js";
import type { Edge, Emission, Target } from "../src/vendor-kit/index.js";
import { hasErrors } from "../src/vendor-kit/index.js";
import { arbitraryEdge } from "./support/arbitrary-edge.js";
import { runs } from "./support/runs.js";

const registry = installedVendors();
const root = join(import.meta.dirname, "..");

/** What every vendor owes, asked of each folder below vendors/ alike. */
describe("every vendor", function () {
  this.timeout(120_000);
  const vendors: LoadedVendor[] = [];

  before(async () => {
    for (const id of registry.ids) vendors.push(await registry.load(id));
  });

  const each = (promise: string, check: (loaded: LoadedVendor) => void): void => {
    for (const id of registry.ids)
      it(`${id} ${promise}`, () => check(vendors.find((one) => one.vendor.manifest.id === id)!));
  };

  each("has the name of its folder", ({ vendor }) => {
    expect(registry.ids).to.include(vendor.manifest.id);
  });

  each("has a page in the documentation", ({ vendor }) => {
    expect(existsSync(join(root, "docs/vendors", `${vendor.manifest.id}.md`))).to.equal(true);
  });

  each("gives an example that its own schema takes, and describes every option", ({ vendor }) => {
    const schema = vendor.manifest.targetSchema as {
      readonly properties: Readonly<Record<string, { description?: string }>>;
    };
    const validate = new Ajv2020({ strict: false }).compile(schema);
    expect(validate(parseYaml(vendor.manifest.example)), JSON.stringify(validate.errors)).to.equal(true);
    for (const [name, property] of Object.entries(schema.properties)) {
      expect(property.description, name).to.be.a("string").that.is.not.empty;
    }
    for (const option of vendor.manifest.fileOptions) expect(schema.properties).to.have.property(option);
  });

  each("writes what means the policy, or says why it cannot", (loaded) => {
    let written = 0;
    fc.assert(
      fc.property(arbitraryEdge(), (edge) => {
        const compiled = compileTarget(edge, loaded.vendor, targetOf(loaded), { proof: true });
        if (compiled.proof === "skipped") expect(hasErrors(compiled.diagnostics)).to.equal(true);
        else expect(compiled.proof, compiled.diagnostics.map((one) => one.message).join("\n")).to.equal("proved");
        if (compiled.files.length > 0) written++;
      }),
      runs(60),
    );
    expect(written, "policies that could be written").to.be.greaterThan(5);
  });

  each("writes the same bytes for the same policy", (loaded) => {
    fc.assert(
      fc.property(arbitraryEdge(), (edge) => {
        expect(emit(loaded, edge)).to.deep.equal(emit(loaded, structuredClone(edge)));
      }),
      runs(20),
    );
  });

  each("recognises what it wrote better than any other does", (loaded) => {
    fc.assert(
      fc.property(arbitraryEdge({ actions: ["deny"], defaults: ["continue"] }), (edge) => {
        fc.pre(edge.rules.length > 0);
        const { files, claims } = emit(loaded, edge);
        for (const { reads } of claims) {
          const sources = reads.map((path) => ({ path, text: files.find((file) => file.path === path)!.text }));
          const sureness = ({ vendor }: LoadedVendor): number =>
            Math.max(...sources.map((source) => vendor.detect(source)));
          for (const other of vendors) {
            if (other !== loaded) expect(sureness(other), reads.join()).to.be.lessThan(sureness(loaded));
          }
        }
      }),
      runs(20),
    );
  });

  each("does not take a report for a configuration that only quotes one", (loaded) => {
    fc.assert(
      fc.property(arbitraryEdge({ actions: ["deny"], defaults: ["continue"] }), (edge) => {
        for (const { path, text } of emit(loaded, edge).files) {
          const quoted = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
          const report = `<?xml version="1.0"?>\n<testsuites><failure>\n${quoted}\n</failure></testsuites>\n`;
          expect(loaded.vendor.detect({ path: `${path}.xml`, text: report }), path).to.equal(0);
        }
      }),
      runs(10),
    );
  });

  each("writes plain text lines: no control characters, nothing of a name outside a comment's line", (loaded) => {
    fc.assert(
      fc.property(arbitraryEdge(), (edge) => {
        for (const file of emit(loaded, edge).files) {
          // 16-bit words without a byte order mark are no text.
          const isText = file.encoding !== "utf16le" || file.text.startsWith("\ufeff");
          if (isText) expect(file.text).to.not.match(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/);
          expect(file.path).to.match(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/);
        }
      }),
      runs(30),
    );
  });

  each("reads any cut or scrambled text without falling over", (loaded) => {
    const texts = new Map<string, string>();
    fc.assert(
      fc.property(arbitraryEdge(), (edge) => {
        for (const file of emit(loaded, edge).files) texts.set(file.path, file.text);
      }),
      runs(10),
    );
    const some = [...texts].map(([path, text]) => ({ path, text: text.slice(0, 6000) }));
    fc.assert(
      fc.property(fc.constantFrom(...some), fc.nat(), fc.nat(), fc.string(), (source, a, b, put) => {
        const at = a % source.text.length;
        const end = Math.min(source.text.length, at + (b % 40));
        const mutants = [
          source.text.slice(0, at),
          source.text.slice(at),
          source.text.slice(0, at) + put + source.text.slice(end),
        ];
        for (const text of mutants) {
          const { device, diagnostics } = loaded.vendor.parse([{ path: source.path, text }], {});
          expect(device.paths).to.be.an("array");
          for (const { primary } of diagnostics) {
            if (primary) expect(primary.start).to.be.within(0, primary.end);
            if (primary) expect(primary.end).to.be.at.most(primary.source.text.length);
          }
        }
      }),
      runs(150),
    );
  });

  each("reads any text at all without falling over", (loaded) => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        loaded.vendor.detect({ path: "text", text });
        expect(loaded.vendor.parse([{ path: "text", text }], {}).device.paths).to.be.an("array");
      }),
      runs(150),
    );
  });
});

function targetOf({ vendor, templates }: LoadedVendor): Target {
  return {
    options: parseYaml(vendor.manifest.example) as Record<string, unknown>,
    files: {},
    templates,
    tool: { name: "ringwall", version: "0.0.0" },
    spanOf: () => undefined,
  };
}

function emit(loaded: LoadedVendor, edge: Edge): Emission {
  return loaded.vendor.emit(edge, targetOf(loaded));
}
