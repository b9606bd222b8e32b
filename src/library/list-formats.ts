import { plainListFormats } from "../jobs/list-formats/index.js";
import type { Registry } from "../registry.js";
import { installedVendors } from "../registry.js";
import type { AddressListFormat } from "../vendor-kit/address-list.js";

/** Every form of an address list: those of no vendor first, then those of each vendor. No two have the same name. */
export async function addressListFormats(
  registry: Registry = installedVendors(),
): Promise<readonly [AddressListFormat, ...AddressListFormat[]]> {
  const vendors = await Promise.all(registry.ids.map(async (id) => (await registry.load(id)).vendor));
  return [...plainListFormats, ...vendors.flatMap(({ addressLists = [] }) => addressLists)];
}
