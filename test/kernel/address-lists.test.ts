import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readAddressLines } from "../../src/jobs/address-lines.js";
import type { ExceptionsResult } from "../../src/library/exceptions.js";
import { exceptions } from "../../src/library/exceptions.js";
import type { AddressSet } from "../../src/net/index.js";
import { equalAddresses } from "../../src/net/index.js";
import { describeKernel, openLaboratory } from "../support/kernel.js";
import type { Laboratory } from "../support/kernel.js";
import { describeShared } from "../support/shared.js";

/** What the kernel holds when a list is loaded is the list, also when it is loaded over another one. */
describeShared("address lists of published tags", (folder) => {
  const azure = readFileSync(join(folder, "data/ServiceTags_Public_20251028.json"), "utf8");

  describeKernel("in the kernel", ["nft", "ipset", "iptables-restore", "ip6tables-restore"], () => {
    let laboratory: Laboratory;
    before(() => {
      laboratory = openLaboratory();
    });
    after(() => laboratory.close());

    const run = (command: readonly string[], input?: string): string => laboratory.run("firewall", command, input);

    it("are held by the sets of nft", async () => {
      await loadBoth("nft-set", (text) => {
        run(["nft", "-f", "-"], text);
        const sets = run(["nft", "list", "sets"]);
        return [...sets.matchAll(/elements = \{([^}]*)\}/g)].flatMap(([, elements]) => elements!.split(","));
      });
    });

    it("are held by ipsets", async () => {
      await loadBoth("ipset", (text) => {
        run(["ipset", "restore"], text);
        return [...run(["ipset", "save"]).matchAll(/^add \S+ (\S+)$/gm)].map(([, entry]) => entry!);
      });
    });

    it("are held by a chain of both iptables", async () => {
      await loadBoth("iptables", (text) =>
        ["iptables", "ip6tables"].flatMap((program) => {
          run([`${program}-restore`, "--noflush"], text);
          return [...run([`${program}-save`]).matchAll(/^-A list -d (\S+) -j ACCEPT$/gm)].map(([, prefix]) => prefix!);
        }),
      );
    });

    async function loadBoth(format: string, load: (text: string) => readonly string[]): Promise<void> {
      for (const tags of [["Storage.WestEurope", "Sql.WestEurope"], ["Storage.WestEurope"], ["Storage.NorthEurope"]]) {
        const { ok, list, files }: ExceptionsResult = await exceptions({ azure, tags }, { format, name: "list" });
        expect(ok).to.equal(true);
        const held: AddressSet = readAddressLines({ path: "kernel", text: load(files[0]!.text).join("\n") }).addresses;
        expect(equalAddresses(held, list!.addresses), `${format}: ${tags.join()}`).to.equal(true);
      }
    }
  });
});
