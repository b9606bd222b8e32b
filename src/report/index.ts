export * from "./style.js";
export * from "./visible.js";
export * from "./text.js";
export * from "./json.js";
export * from "./vendors.js";
