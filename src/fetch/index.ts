/** Fetching files: proxies, time and size limits, trying again. The only layer that touches a network. */
export * from "./azure.js";
export * from "./feed.js";
export * from "./machine.js";
export * from "./office365.js";
export { WrongProxy } from "./proxy.js";
export * from "./web.js";
