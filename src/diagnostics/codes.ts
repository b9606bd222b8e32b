import type { Severity } from "./diagnostic.js";

interface CodeEntry {
  readonly name: string;
  readonly severity: Severity;
  readonly about: string;
}

/**
 * The catalogue of codes. First digit: 1 read, 2 resolve, 3 target, 4 lint, 5 feed, 6 vendor parse, 9 internal.
 * A code is never used for another thing later.
 */
export const codes = {
  RW1001: { name: "yaml-syntax", severity: "error", about: "the policy is not well-formed YAML or JSON" },
  RW1002: { name: "policy-shape", severity: "error", about: "the policy does not have the shape of its JSON Schema" },
  RW1003: {
    name: "file-unreadable",
    severity: "error",
    about: "a file that the policy or the command names cannot be read",
  },
  RW1004: { name: "address-syntax", severity: "error", about: "an address or prefix is not written strictly" },
  RW1005: { name: "service-syntax", severity: "error", about: "a service is not written as protocol/ports" },
  RW1006: { name: "packet-syntax", severity: "error", about: "a packet on the command line cannot be read" },
  RW1007: { name: "usage", severity: "error", about: "the command line is not usable" },
  RW1008: { name: "date-syntax", severity: "error", about: "a date is not a calendar date as YYYY-MM-DD" },
  RW1009: { name: "output-unwritable", severity: "error", about: "a file cannot be written; then none is" },
  RW1010: {
    name: "unknown-interface",
    severity: "error",
    about: "an interface that is said to be outside or inside does not occur in the configuration",
  },
  RW2001: { name: "unknown-network", severity: "error", about: "a rule refers to a network that is not defined" },
  RW2002: { name: "network-cycle", severity: "error", about: "networks contain each other" },
  RW2003: { name: "unknown-service", severity: "error", about: "a rule refers to a service that is not defined" },
  RW2004: { name: "empty-network", severity: "error", about: "a network selects no address" },
  RW2005: { name: "expired-exception", severity: "warning", about: "an exception is past its date" },
  RW2006: {
    name: "exception-without-effect",
    severity: "warning",
    about: "an exception excepts nothing from its rule",
  },
  RW2007: {
    name: "broad-exception",
    severity: "warning",
    about: "an exception opens a whole cloud or unlisted addresses",
  },
  RW2008: { name: "duplicate-name", severity: "error", about: "two things in one place have the same name" },
  RW2009: { name: "rule-without-effect", severity: "warning", about: "a rule can match no packet" },
  RW2010: { name: "family-mismatch", severity: "error", about: "a rule has no addresses of the family that it names" },
  RW2011: { name: "unknown-target", severity: "error", about: "the policy names a target that no vendor serves" },
  RW2012: {
    name: "shared-service",
    severity: "note",
    about: "an exception opens a service that all customers of a cloud share",
  },
  RW3001: { name: "target-unsupported", severity: "error", about: "a target cannot express what the policy says" },
  RW3002: {
    name: "target-approximate",
    severity: "error",
    about: "a target can express the policy only broader or narrower",
  },
  RW3003: { name: "target-limit", severity: "error", about: "the output passes a limit of the vendor" },
  RW3004: { name: "target-size", severity: "warning", about: "the output is larger than the vendor's devices like" },
  RW3005: { name: "target-option", severity: "error", about: "a target option is wrong or missing" },
  RW3006: {
    name: "target-end-undecided",
    severity: "error",
    about: "the end of a list cannot be decided from the policy",
  },
  RW3007: { name: "target-note", severity: "warning", about: "something to know before the output is applied" },
  RW3008: {
    name: "base-conflict",
    severity: "error",
    about: "the base configuration conflicts with what is to be added",
  },
  RW5001: { name: "feed-unreadable", severity: "error", about: "a feed is not in the published format" },
  RW5002: { name: "unknown-tag", severity: "error", about: "a service tag does not occur in the feed" },
  RW5003: { name: "empty-selection", severity: "error", about: "a selection from a feed is empty" },
  RW5004: {
    name: "feed-missing",
    severity: "error",
    about: "a network selects from a feed that the policy does not name",
  },
  RW5005: { name: "feed-address", severity: "error", about: "an address in a feed is not a strict prefix" },
  RW6001: {
    name: "unread-text",
    severity: "warning",
    about: "a form was not understood; what it could influence is unknown",
  },
  RW6002: { name: "undecidable-form", severity: "note", about: "a condition that the text does not let us decide" },
  RW6003: {
    name: "silent-failure",
    severity: "warning",
    about: "the device accepts this text and does something else",
  },
  RW6004: { name: "load-failure", severity: "error", about: "the device refuses this text" },
  RW6005: {
    name: "missing-reference",
    severity: "warning",
    about: "a name is used that the configuration does not define",
  },
  RW6006: { name: "family-not-given", severity: "note", about: "one address family has no configuration here" },
  RW6007: {
    name: "address-translation",
    severity: "note",
    about: "addresses are rewritten before or after the filter",
  },
  RW6008: { name: "unknown-vendor", severity: "error", about: "the vendor of a configuration is not recognised" },
  RW9001: { name: "proof-failed", severity: "error", about: "the emitted text does not mean what the policy says" },
  RW9002: { name: "proof-undecided", severity: "error", about: "the emitted text could not be read back completely" },
  RW9003: { name: "internal", severity: "error", about: "a broken invariant of ringwall itself" },
} as const satisfies Record<`RW${number}`, CodeEntry>;

export type Code = keyof typeof codes;
