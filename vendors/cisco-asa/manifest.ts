import type { Manifest } from "../../src/vendor-kit/index.js";
import { logLevels } from "./words.js";

const interfaceNames = (description: string): object => ({
  type: "array",
  minItems: 1,
  uniqueItems: true,
  items: { type: "string", pattern: "^[A-Za-z0-9_.:/-]{1,48}$" },
  description,
});

const end = (description: string): object => ({ enum: ["deny", "permit"], description });

export const manifest: Manifest = {
  id: "cisco-asa",
  title: "Cisco ASA",
  summary:
    "object-groups of both families, extended access-lists and their bindings, or a safe change of a running-config",
  versions: "9.0 and later",
  capabilities: {
    ipv6: { kind: "native" },
    continue: {
      kind: "lowered",
      how: "with base, our entries go before those of the list that is bound; without, `after` says how each list ends",
    },
    exceptions: {
      kind: "lowered",
      how: "entries before the deny decide the excepted packets as all that follows would; with base, the exceptions are cut out of the denies",
    },
    reject: {
      kind: "lowered",
      how: "deny; an ASA answers denied TCP only where `service resetinbound` is set for the whole device",
    },
    log: { kind: "native" },
    icmp: { kind: "native" },
    "any-protocol": { kind: "native" },
    "source-ports": { kind: "native" },
    "cuts-open-connections": {
      kind: "unsupported",
      why: "an access-list judges the first packet of a connection; open ones go on until `clear conn` ends them, which is yours to run",
    },
    "firewall-itself": {
      kind: "lowered",
      how: "with control-plane: true, a control-plane list for packets to the ASA; packets from it meet no list",
    },
    base: { kind: "native" },
  },
  filters: ["forward"],
  fileOptions: ["base"],
  targetSchema: {
    type: "object",
    additionalProperties: false,
    required: ["outside"],
    properties: {
      outside: interfaceNames("Names (nameif) of the interfaces on the outside. Both lists are bound here."),
      inside: interfaceNames(
        "Names of the interfaces on the inside. Nothing is bound there; diff and explain use them to know the sides.",
      ),
      version: {
        type: "string",
        pattern: "^[0-9]+\\.[0-9]+",
        description: 'The software version, such as "9.16". 9.0 is the oldest that the output is for.',
      },
      after: {
        type: "object",
        additionalProperties: false,
        description:
          "How the lists end for packets that no rule decides, where the policy says default: continue and no base is given.",
        properties: {
          inbound: end(
            "deny leaves only what a rule permits. permit opens every port from the outside: it is never assumed.",
          ),
          outbound: end("permit leaves the decision to the lists and security-levels of the other interfaces."),
        },
      },
      base: {
        type: "string",
        description:
          "The device's running-config. The lists that are bound there are kept, and our entries go before theirs.",
      },
      prefix: {
        type: "string",
        pattern: "^[A-Za-z][A-Za-z0-9_-]{0,15}$",
        default: "RW",
        description: "What the names of our lists and groups begin with.",
      },
      "control-plane": {
        type: "boolean",
        default: false,
        description: "Also filter packets to the ASA itself, with a control-plane list on the outside interfaces.",
      },
      "warn-entries": {
        type: "integer",
        minimum: 1,
        default: 10000,
        description: "Warn when the lists expand to more entries than this on the device.",
      },
      log: {
        type: "object",
        additionalProperties: false,
        description: "How entries of rules with log: true log. Without it, the device's default.",
        properties: {
          level: { enum: logLevels, description: "Severity of the message; informational by default." },
          interval: {
            type: "integer",
            minimum: 1,
            maximum: 600,
            description: "Seconds between two messages; 300 by default.",
          },
        },
      },
    },
  },
  example: `outside: [outside]            # names (nameif) of the interfaces that face the Internet
inside: [inside]
version: "9.16"
# base: current/running-config.cfg   # keep what is bound there, and put our entries before it
after: { inbound: deny, outbound: permit }   # without base: how each list ends`,
  apply: [
    "copy {dir}/1-define.cfg to the device and load it: it defines groups and lists, and binds nothing",
    "compare the element counts at its head with `show access-list | include elements`",
    "load {dir}/2-bind.cfg: from here on the lists filter",
  ],
};
