import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../../shared");

/** The folder with published feeds and a corpus of configurations, beside the checkout; undefined where it is absent. */
export const shared: string | undefined = existsSync(folder) ? folder : undefined;

/** A suite over the shared folder. Without the folder it is one pending line, so that nobody takes it for passed. */
export function describeShared(title: string, suite: (folder: string) => void): void {
  if (shared === undefined) {
    describe(title, () => {
      it("is skipped: the shared folder is absent");
    });
    return;
  }
  const found = shared;
  describe(title, () => {
    suite(found);
  });
}
