import { installedVendors } from "../registry.js";
import { jsonVendor, style, vendorsTable } from "../report/index.js";
import type { Command } from "./command.js";
import { summaries } from "./summaries.js";
import { exitCodes } from "./io.js";

export const command: Command = {
  name: "vendors",
  summary: summaries.vendors,
  description: `Shows the vendors there are, and for each feature of the policy language whether it is native there, lowered to
    something that means the same, or not possible.`,
  positionals: [],
  options: [{ name: "json", kind: "flag", about: "print the table as JSON (schemas/vendors-report.schema.json)" }],
  examples: [
    { line: "ringwall vendors", about: "the table of capabilities" },
    { line: "ringwall vendors --json", about: "the same for a program" },
  ],
  async run(given, io) {
    const registry = installedVendors();
    const manifests = await Promise.all(registry.ids.map(async (id) => (await registry.load(id)).vendor.manifest));
    io.stdout.write(
      given.flag("json")
        ? `${JSON.stringify({ vendors: manifests.map(jsonVendor) }, null, 2)}\n`
        : vendorsTable(manifests, style(io.stdout.colour)),
    );
    return exitCodes.done;
  },
};
