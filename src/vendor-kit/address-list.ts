import type { Diagnostic } from "../diagnostics/index.js";
import type { AddressSet, Family } from "../net/index.js";
import type { EmittedFile } from "./vendor.js";

/**
 * One way to write a list of addresses, for people who take the addresses of a feed without a policy: `ringwall exceptions
 * … --format NAME`. Not rules: the list is what a rule of the reader's own refers to.
 *
 * To add one: a file of its own in the vendor's folder exports an `AddressListFormat`, and the vendor's `index.ts` names
 * it in `addressLists`. Nothing else has to know of it; test/address-lists.test.ts asks every format the same questions.
 *
 * - `write` is pure and deterministic, and throws on nothing. What the device cannot hold is an error, never a shorter or
 *   broader list.
 * - `name` fits nearly every device; where the device allows less (length, a sign), shorten it or replace the sign.
 * - `description` and `origin` are any text: they go through `plainLine` or a quoting function of the vendor's own.
 * - `read` takes what `write` gave and tells which addresses the device would find in it. It is independent of `write`
 *   and uses the vendor's parser where that knows the form. Every list is read back before anybody sees it.
 */
export interface AddressListFormat {
  /** As `--format` takes it, unique among all formats: `vendor-set`; lower-case letters, digits and `-`. */
  readonly name: string;
  /** One line, as help shows it: what it is and how it is loaded. */
  readonly about: string;
  write(list: AddressList): AddressListWriting;
  /** Undefined when a part of it was not understood. */
  read(files: readonly EmittedFile[]): AddressSet | undefined;
}

export interface AddressList {
  /** Lower-case letters, digits and `-`, beginning with a letter, at most 63 characters: `storage-westeurope`. */
  readonly name: string;
  /** What the list is, in one line: `Storage.WestEurope`. */
  readonly description: string;
  /** Where it comes from, in lines for a comment: which feed, which version, which digest, what was done to it. */
  readonly origin: readonly string[];
  /** At least one: the families that were asked for. `addresses` has none of another. */
  readonly families: readonly Family[];
  /** Not empty as a whole; a family that was asked for may be empty. Its fewest prefixes are the list. */
  readonly addresses: AddressSet;
  /** What the list is made of, each with its own addresses; they may overlap. A line of a list may tell to which it belongs. */
  readonly parts: readonly AddressListPart[];
}

export interface AddressListPart {
  /** `Storage.WestEurope`, `endpoint set 31 (SharePoint, Optimize)`. */
  readonly label: string;
  readonly addresses: AddressSet;
}

export type AddressListWriting =
  | {
      readonly ok: true;
      /** One, unless the device wants several. */
      readonly files: readonly EmittedFile[];
      /** Warnings and notes. */
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
