export * from "./finding.js";
export * from "./rule.js";
export * from "./lint.js";
