export * from "./report.js";
export * from "./fingerprint.js";
export * from "./format.js";
export * from "./formats.js";
export * from "./rule-page.js";
export { rulePath } from "./rule-uri.js";
