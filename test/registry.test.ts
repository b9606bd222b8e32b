import { expect } from "chai";
import { readdirSync } from "node:fs";
import { installedVendors, packageRoot, registryOf } from "../src/registry.js";
import { folderWith } from "./support/command.js";

describe("the registry", () => {
  it("finds the folders below vendors, in alphabetical order", () => {
    const folders = readdirSync(new URL("vendors/", packageRoot()), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(installedVendors().ids).to.deep.equal(folders.map((entry) => entry.name).sort());
  });

  for (const id of installedVendors().ids) {
    it(`loads ${id} with its templates`, async () => {
      const { vendor, templates } = await installedVendors().load(id);
      expect(vendor.manifest.id).to.equal(id);
      expect(Object.keys(templates).every((name) => name.endsWith(".hbs"))).to.equal(true);
    });
  }

  it("reads nothing of a vendor before it is asked for, and loads it once", async () => {
    const folder = folderWith({
      "good/index.js": "globalThis.loads = (globalThis.loads ?? 0) + 1; export default { manifest: { id: 'good' } };",
      "good/package.json": '{ "type": "module" }',
      "good/templates/a.hbs": "{{text}}",
      "bad/index.js": "throw new Error('nobody asked for this');",
      "README.md": "not a vendor",
    });
    const registry = registryOf(new URL(`file://${folder.path}/`));
    expect(registry.ids).to.deep.equal(["bad", "good"]);
    const [first, second] = await Promise.all([registry.load("good"), registry.load("good")]);
    expect(first).to.equal(second);
    expect(first.templates).to.deep.equal({ "a.hbs": "{{text}}" });
    expect((globalThis as { loads?: number }).loads).to.equal(1);
    folder.remove();
  });

  it("throws for a vendor that it did not list", () => {
    expect(() => installedVendors().load("../src")).to.throw("there is no vendor ../src");
  });
});
