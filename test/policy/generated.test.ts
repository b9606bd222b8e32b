import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect } from "chai";
import type { GeneratedFiles } from "../../src/build/generated-files.js";
import { generatedFiles, repository } from "../../src/build/generated-files.js";
import { composeSchema } from "../../src/build/compose-schema.js";

interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

describe("the files that are generated", () => {
  let files: GeneratedFiles;
  before(async () => {
    files = await generatedFiles();
  });

  it("are current (run `npm run generate`)", () => {
    for (const [path, text] of Object.entries({ ...files.committed, ...files.ignored })) {
      expect(existsSync(join(repository, path)), path).to.equal(true);
      expect(readFileSync(join(repository, path), "utf8") === text, `${path} is out of date`).to.equal(true);
    }
  });

  it("hold a validator that asks for nothing from outside", () => {
    const code = files.ignored["src/policy/validate-policy.generated.js"]!;
    expect(code).to.contain("export default");
    expect(code).to.not.match(/^\s*import\b/m);
    expect(code).to.not.match(/= require\(/);
  });
});

describe("the policy's JSON Schema", () => {
  const path = join(repository, "schemas/policy.schema.json");
  const schema = JSON.parse(readFileSync(path, "utf8")) as Schema;
  const ajv = new Ajv({ allowUnionTypes: true, strict: true, strictRequired: false });
  ajv.addSchema(schema, "policy");

  it("describes every key and every definition, with an example that is valid", () => {
    const places: (readonly [pointer: string, part: Schema])[] = [];
    const collect = (pointer: string, part: Schema): void => {
      for (const [key, property] of Object.entries(part.properties ?? {})) {
        if (`${pointer}/${key}` !== "/targets") places.push([`${pointer}/properties/${key}`, property]);
      }
    };
    collect("", schema);
    for (const [name, definition] of Object.entries(schema.definitions ?? {})) {
      places.push([`/definitions/${name}`, definition]);
      collect(`/definitions/${name}`, definition);
    }
    expect(places.length).to.be.greaterThan(40);
    for (const [pointer, part] of places) {
      const whole: Schema = { ...schema.definitions?.[part.$ref?.replace("#/definitions/", "") ?? ""], ...part };
      if (pointer === "/properties/targets") continue;
      expect(whole.description, `description of ${pointer}`).to.be.a("string").and.to.not.equal("");
      expect(whole.examples, `examples of ${pointer}`).to.be.an("array").and.to.not.be.empty;
      const validate = ajv.compile({ $ref: `policy#${pointer}` });
      for (const example of whole.examples ?? []) {
        expect(validate(example), `${pointer}: ${JSON.stringify(example)} ${ajv.errorsText(validate.errors)}`).to.equal(
          true,
        );
      }
    }
  });

  it("has the options of each vendor below `targets`, in the order of their ids, and leaves the base as it was", () => {
    const base = { properties: { targets: { properties: {} } } };
    const composed = composeSchema(base, { b: { title: "B" }, a: { title: "A" } });
    expect(JSON.stringify(composed)).to.equal(
      JSON.stringify({ properties: { targets: { properties: { a: { title: "A" }, b: { title: "B" } } } } }),
    );
    expect(base).to.deep.equal({ properties: { targets: { properties: {} } } });
  });
});
