import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Ajv } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { buildSync } from "esbuild";
import { format, resolveConfig } from "prettier";
import { composeSchema } from "./compose-schema.js";
import type { TargetSchemas } from "./compose-schema.js";
import { policyReference } from "./policy-reference.js";

/**
 * Writes what is made from other files: the policy's JSON Schema with every vendor's options in it, the validator
 * compiled from it, and the reference of the language. The validator also goes beside the compiled sources, if there
 * are any: run it after `tsc`, too.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

const schema = composeSchema(
  JSON.parse(readFileSync(join(root, "src/policy/policy.schema.json"), "utf8")) as object,
  await targetSchemas(),
);
await write("schemas/policy.schema.json", JSON.stringify(schema));
await write("docs/policy-reference.md", policyReference(schema));
const declaration = `import type { ValidateFunction } from "ajv";\ndeclare const validate: ValidateFunction;\nexport default validate;\n`;
const validator = validatorModule(schema);
for (const folder of ["src/policy", "dist/src/policy"]) {
  if (!existsSync(join(root, folder))) continue;
  await write(`${folder}/validate-policy.generated.js`, validator);
  await write(`${folder}/validate-policy.generated.d.ts`, declaration);
}

/** The `targetSchema` of each vendor's manifest, by the vendor's id. */
async function targetSchemas(): Promise<TargetSchemas> {
  const folder = join(root, "vendors");
  const schemas: Record<string, object> = {};
  const ids = existsSync(folder) ? readdirSync(folder).sort() : [];
  for (const id of ids) {
    const file = join(folder, id, "manifest.ts");
    if (!existsSync(file)) continue;
    const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    const manifest = Object.values(module).find(hasTargetSchema);
    if (manifest === undefined) throw new Error(`${file} exports no manifest with a targetSchema`);
    schemas[id] = manifest.targetSchema;
  }
  return schemas;
}

function hasTargetSchema(value: unknown): value is { readonly targetSchema: object } {
  return typeof value === "object" && value !== null && "targetSchema" in value;
}

/** ajv's code calls `require` for its helpers, even as a module: bundling takes them in. */
function validatorModule(of: object): string {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    strict: true,
    strictRequired: false,
    code: { source: true, lines: true },
  });
  const code = standaloneCode.default(ajv, ajv.compile(of));
  const bundled = buildSync({
    stdin: { contents: code, resolveDir: root, loader: "js" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    legalComments: "none",
    write: false,
  });
  return `// Generated from schemas/policy.schema.json. Do not change.\n${bundled.outputFiles[0]!.text}`;
}

/** Formatted as the repository is, for what is committed. */
async function write(path: string, text: string): Promise<void> {
  const file = join(root, path);
  const committed = !path.includes(".generated.");
  const out = committed ? await format(text, { ...(await resolveConfig(file)), filepath: file }) : text;
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file) && readFileSync(file, "utf8") === out) return;
  writeFileSync(file, out);
  process.stderr.write(`wrote ${path}\n`);
}
