export * from "./finding.js";
export * from "./rule.js";
export * from "./lint.js";
export * from "./policy-findings.js";
export { rules } from "./rules/index.js";
export { allRules } from "./all-rules.js";
