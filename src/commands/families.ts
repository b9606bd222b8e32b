import type { Family } from "../net/index.js";
import type { Given } from "./command.js";

/** The families of `--family 4|6|both`. */
export function familiesOf(given: Given): readonly Family[] {
  switch (given.text("family")) {
    case "4":
      return ["ipv4"];
    case "6":
      return ["ipv6"];
    default:
      return ["ipv4", "ipv6"];
  }
}
