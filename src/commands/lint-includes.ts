import { dirname, resolve } from "node:path";
import { matchesGlob } from "../jobs/glob.js";

/** What the grouping of files has to know of one. */
export interface IncludingFile {
  /** The full path; of standard input a made-up one. */
  readonly path: string;
  /** What it includes, as it names it: paths, also with `*`. */
  readonly includes: readonly string[];
}

/**
 * The files that one device's files include, also by way of each other, among all that there are.
 *
 * A path is taken relative to the file that names it. A path of the device itself (`/etc/nftables.d/*.nft`) means the files
 * at or below the including file's folder whose own folder and name are its last ones: a repository of many devices has
 * such a folder for each of them.
 */
export function filesIncluded<T extends IncludingFile>(files: readonly T[], all: readonly T[]): T[] {
  const found = new Set<T>();
  const open = [...files];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    for (const wanted of file.includes) {
      for (const other of all) {
        if (other === file || files.includes(other) || found.has(other) || !means(file.path, wanted, other.path))
          continue;
        found.add(other);
        open.push(other);
      }
    }
  }
  return [...found];
}

function means(includer: string, wanted: string, path: string): boolean {
  const folder = dirname(includer);
  if (!wanted.startsWith("/")) return fits(resolve(folder, wanted), path);
  const [name, above] = wanted.split("/").reverse();
  const ending = above === undefined || above === "" ? name! : `${above}/${name!}`;
  return path.startsWith(`${folder}/`) && fits(`**/${ending}`, path.slice(folder.length + 1));
}

/** `*` of a pattern stands for no hidden file, as for a shell. */
function fits(pattern: string, path: string): boolean {
  const hidden = /(?:^|\/)\.[^/]*$/.test(path) && !/(?:^|\/)\.[^/]*$/.test(pattern);
  return !hidden && matchesGlob(pattern, path);
}
