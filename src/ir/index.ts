export * from "./match.js";
export * from "./filter.js";
export * from "./packet.js";
