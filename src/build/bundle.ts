import { build } from "esbuild";
import type { Metafile, Plugin } from "esbuild";
import Handlebars from "handlebars";
import { chmodSync, cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * Writes the program below `folder`: the command line, the library and each vendor, with all that they need, in few
 * files, because a command's start is part of every use. What two of them share, and what a command loads on demand,
 * stands in files of its own below `shared`. Nothing needs a package beside it.
 */
export async function bundle(folder: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/cli.ts", "src/index.ts", "src/commands/lint-worker.ts", ...vendorFiles("index.ts")],
    outdir: folder,
    outbase: root,
    chunkNames: "shared/[name]-[hash]",
    bundle: true,
    splitting: true,
    // Names stay as they are, so that a trace of a failure can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    plugins: [compiledTemplates, plainWidths],
    // CommonJS modules in the bundle ask for the modules of Node with require.
    banner: {
      js: `import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);`,
    },
  });
  for (const templates of vendorFiles("templates"))
    cpSync(join(root, templates), join(folder, templates), { recursive: true });
  chmodSync(join(folder, "src/cli.js"), 0o755);
  writeFileSync(join(folder, "THIRD-PARTY.txt"), licences(metafile));
}

/**
 * Puts the vendors' templates in as code, so that a run neither loads the compiler of Handlebars nor compiles anything.
 * The options are those of `render` in vendor-kit.
 */
const compiledTemplates: Plugin = {
  name: "compiled-templates",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^handlebars$/ }, () => ({ path: "templates", namespace: "compiled-templates" }));
    onLoad({ filter: /.*/, namespace: "compiled-templates" }, () => ({
      contents: templatesModule(),
      resolveDir: root,
      loader: "js",
    }));
  },
};

function templatesModule(): string {
  const texts = vendorFiles("templates").flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".hbs"))
      .sort()
      .map((name) => readFileSync(join(root, folder, name), "utf8")),
  );
  const entries = [...new Set(texts)].map((text) => {
    const code = Handlebars.precompile(text, { noEscape: true, strict: true }) as string;
    return `[${JSON.stringify(text)}, ${code}]`;
  });
  return `import Handlebars from "handlebars/runtime.js";
const compiled = new Map([${entries.join(",\n")}]);
export default {
  compile(text) {
    const code = compiled.get(text);
    if (code === undefined) throw new Error("a template was changed without building anew");
    return Handlebars.template(code);
  },
};`;
}

/**
 * yargs measures text with tables of every emoji, whose loading takes a third of a start. Our help has one character a
 * column; a test holds it to that.
 */
const plainWidths: Plugin = {
  name: "plain-widths",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^string-width$/ }, () => ({ path: "string-width", namespace: "plain-widths" }));
    onLoad({ filter: /.*/, namespace: "plain-widths" }, () => ({
      contents: "export default (text) => [...text].length;",
      loader: "js",
    }));
  },
};

/** `vendors/<id>/<name>` of each vendor that has it. */
function vendorFiles(name: string): string[] {
  return readdirSync(join(root, "vendors"))
    .map((id) => `vendors/${id}/${name}`)
    .filter((path) => existsSync(join(root, path)))
    .sort();
}

/** The licences of the packages whose code is in the bundle; each asks to be kept with it. */
function licences(metafile: Metafile): string {
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const texts = [...packages].sort().map((name) => {
    const folder = join(root, "node_modules", name);
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as About;
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? standardLicence(name, about) : readFileSync(join(folder, file), "utf8").trim();
    return `${name} ${about.version}\n\n${text}\n`;
  });
  return `The program contains code of these packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

interface About {
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

/** For a package that names its licence without the text. Source: the SPDX licence list. */
function standardLicence(name: string, { license, author }: About): string {
  if (license !== "ISC" || author === undefined) throw new Error(`${name} comes without its licence`);
  return `ISC License

Copyright (c) ${typeof author === "string" ? author : author.name}

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted,
provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF
CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`;
}
