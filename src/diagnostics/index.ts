export * from "./source.js";
export * from "./diagnostic.js";
export * from "./edit.js";
export * from "./codes.js";
export * from "./nearest.js";
