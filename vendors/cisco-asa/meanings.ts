import { AddressReader } from "./addresses.js";
import type { Config } from "./config.js";
import { References } from "./references.js";
import { ServiceReader } from "./services.js";

/** What the names in a configuration's entries stand for. */
export interface Meanings {
  readonly references: References;
  readonly addresses: AddressReader;
  readonly services: ServiceReader;
}

export function meaningsOf(config: Config): Meanings {
  const references = new References(config);
  const addresses = new AddressReader(references);
  return { references, addresses, services: new ServiceReader(references, addresses) };
}
