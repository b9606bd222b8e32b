/** Published address feeds: text to address sets. Nothing here reads a file or a network. */
export * from "./feed.js";
export * from "./azure.js";
export * from "./office365.js";
export * from "./addresses.js";
export * from "./arrival.js";
export * from "./download-page.js";
export * from "./lock.js";
export * from "./publishers.js";
export * from "./any-feed.js";
export * from "./parts.js";
export * from "./lookup.js";
export * from "./address-change.js";
export * from "./azure-diff.js";
export * from "./moves.js";
export * from "./office365-changes.js";
export * from "./office365-diff.js";
