import type { AddressListFormat } from "../../vendor-kit/address-list.js";
import { cidrFormat } from "./cidr.js";
import { csvFormat } from "./csv.js";
import { edlFormat } from "./edl.js";
import { jsonFormat } from "./json.js";
import { terraformFormat } from "./terraform.js";
import { tfvarsFormat } from "./tfvars.js";

/** The forms of an address list that belong to no vendor; the first is the one by default. */
export const plainListFormats: readonly [AddressListFormat, ...AddressListFormat[]] = [
  cidrFormat,
  jsonFormat,
  csvFormat,
  edlFormat,
  terraformFormat,
  tfvarsFormat,
];
