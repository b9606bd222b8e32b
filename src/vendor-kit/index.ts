/** All that a vendor may import. */
export * from "../diagnostics/index.js";
export * from "../net/index.js";
export * from "../ir/index.js";
export * from "../policy/edge.js";
export * from "../policy/hosts.js";
export * from "../policy/host-facts.js";
export {
  anyPort,
  boxMatch,
  judgedStates,
  neighbourDiscoveryTypes,
  replyStates,
  ruleMatch,
  serviceMatch,
} from "../policy/truth.js";
export * from "./vendor.js";
export * from "./address-list.js";
export * from "./address-list-text.js";
export * from "./inventory.js";
export * from "./lazy-inventory.js";
export * from "./comments.js";
export * from "./cut.js";
export * from "./conditional-rules.js";
export * from "./template.js";
export * from "./text.js";
export * from "./header.js";
export * from "./linux-bridges.js";
export * from "./boxes.js";
export * from "./json-values.js";
