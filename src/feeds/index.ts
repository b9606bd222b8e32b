/** Published address feeds: text to address sets. Nothing here reads a file or a network. */
export * from "./feed.js";
export * from "./azure.js";
export * from "./office365.js";
export * from "./lock.js";
