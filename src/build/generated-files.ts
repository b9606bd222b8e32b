import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Ajv } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { buildSync } from "esbuild";
import { format, resolveConfig } from "prettier";
import { composeSchema } from "./compose-schema.js";
import type { TargetSchemas } from "./compose-schema.js";
import { policyReference } from "./policy-reference.js";
import { settingsSchema } from "./settings-schema.js";

export const repository = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** What is made from other files, by its path in the repository. */
export interface GeneratedFiles {
  /** Formatted as the repository is. */
  readonly committed: Readonly<Record<string, string>>;
  readonly ignored: Readonly<Record<string, string>>;
}

/**
 * The policy's JSON Schema with every vendor's options in it, the reference of the language, the validator compiled from
 * the schema, so that no start pays for that, and the schema of a repository's settings with every rule of the linter.
 */
export async function generatedFiles(): Promise<GeneratedFiles> {
  const base = JSON.parse(readFileSync(join(repository, "src/policy/policy.schema.json"), "utf8")) as object;
  const schema = composeSchema(base, await targetSchemas());
  return {
    committed: {
      "schemas/policy.schema.json": await formatted("schemas/policy.schema.json", JSON.stringify(schema)),
      "schemas/ringwall.schema.json": await formatted("schemas/ringwall.schema.json", JSON.stringify(settingsSchema())),
      "docs/policy-reference.md": await formatted("docs/policy-reference.md", policyReference(schema)),
    },
    ignored: {
      "src/policy/validate-policy.generated.js": validatorModule(schema),
      "src/policy/validate-policy.generated.d.ts": declaration,
    },
  };
}

/** A text as the repository's own formatting has it. */
export async function formatted(path: string, text: string): Promise<string> {
  const file = join(repository, path);
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

/** The `targetSchema` of each vendor's manifest, by the vendor's id. */
async function targetSchemas(): Promise<TargetSchemas> {
  const folder = join(repository, "vendors");
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
    stdin: { contents: code, resolveDir: repository, loader: "js" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    legalComments: "none",
    write: false,
  });
  return `// Generated from schemas/policy.schema.json. Do not change.\n${bundled.outputFiles[0]!.text}`;
}

const declaration = `import type { ValidateFunction } from "ajv";
declare const validate: ValidateFunction;
export default validate;
`;
