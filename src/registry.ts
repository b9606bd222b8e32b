import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Vendor } from "./vendor-kit/vendor.js";

/** A vendor with the texts of its templates, by file name. */
export interface LoadedVendor {
  readonly vendor: Vendor;
  readonly templates: Readonly<Record<string, string>>;
}

/** The vendors there are. Nothing of a vendor is read before it is asked for. */
export interface Registry {
  /** In alphabetical order. */
  readonly ids: readonly string[];
  /** An id that is not in `ids` throws. */
  load(id: string): Promise<LoadedVendor>;
}

/** The folders below `vendors/` of this package, or below `dist/vendors/` when this is the build. */
export function installedVendors(): Registry {
  return (installed ??= registryOf(new URL("vendors/", codeRoot())));
}

let installed: Registry | undefined;

/** Where package.json and schemas are: the nearest folder above this module that has a package.json. */
export function packageRoot(): URL {
  let folder = new URL("./", import.meta.url);
  while (!existsSync(new URL("package.json", folder))) {
    const above = new URL("../", folder);
    if (above.href === folder.href) throw new Error(`no package.json above ${import.meta.url}`);
    folder = above;
  }
  return folder;
}

/** Where the code that runs is below; wherever in it the build has put this module. */
export function codeRoot(): URL {
  const built = new URL("dist/", packageRoot());
  return import.meta.url.startsWith(built.href) ? built : packageRoot();
}

/** `folder` holds `<id>/index.js` and `<id>/templates` of each vendor. */
export function registryOf(folder: URL): Registry {
  const loaded = new Map<string, Promise<LoadedVendor>>();
  const ids = foldersIn(folder);
  return {
    ids,
    load(id) {
      if (!ids.includes(id)) throw new Error(`there is no vendor ${id}`);
      const loading = loaded.get(id) ?? load(id, folder);
      loaded.set(id, loading);
      return loading;
    },
  };
}

async function load(id: string, folder: URL): Promise<LoadedVendor> {
  const module = (await import(new URL(`${id}/index.js`, folder).href)) as { readonly default: Vendor };
  return { vendor: module.default, templates: templatesIn(new URL(`${id}/templates/`, folder)) };
}

function foldersIn(folder: URL): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function templatesIn(folder: URL): Record<string, string> {
  const templates: Record<string, string> = {};
  for (const name of namesIn(folder).sort()) templates[name] = readFileSync(new URL(name, folder), "utf8");
  return templates;
}

/** A vendor may do without templates. */
function namesIn(folder: URL): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".hbs"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
