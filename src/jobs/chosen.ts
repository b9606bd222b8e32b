import type { Diagnostic } from "../diagnostics/index.js";
import type { AddressListPart } from "../vendor-kit/address-list.js";

/** What a selection from a feed or a policy gives a list. Of no use where `diagnostics` has errors. */
export interface Chosen {
  /** In one line: `Storage.WestEurope, Storage.NorthEurope`. */
  readonly description: string;
  /** A name for the list made of it. */
  readonly name: string;
  readonly origin: readonly string[];
  readonly parts: readonly AddressListPart[];
  readonly diagnostics: readonly Diagnostic[];
}
