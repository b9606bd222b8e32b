export * from "./intervals.js";
export * from "./prefixes.js";
export * from "./address-set.js";
export * from "./addresses.js";
export * from "./fit-prefixes.js";
