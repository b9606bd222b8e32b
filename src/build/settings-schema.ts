import type { Code } from "../diagnostics/index.js";
import { codes } from "../diagnostics/index.js";
import { hooks } from "../ir/index.js";
import { failOns, isFindingCode } from "../jobs/repository-settings.js";
import { families } from "../net/index.js";

/** The JSON Schema of `ringwall.yaml`. It is made here because it lists every rule of the linter. */
export function settingsSchema(): object {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "ringwall.yaml",
    description:
      "What a repository says about the firewall configurations in it. Paths and patterns are relative to the folder of this file; `*` stands for anything within a name, `**` for any folders.",
    type: "object",
    additionalProperties: false,
    properties: {
      policy: {
        description:
          "The edge policy that the configurations are judged by. Without one, SMB and NetBIOS must not pass at all.",
        ...text,
        examples: ["policy.yaml"],
      },
      include: {
        description:
          "The files that `ringwall lint` reads where no path is given; a folder stands for all below it. By default all.",
        ...texts,
        examples: [["edge/**"]],
      },
      exclude: {
        description: "Files and folders to leave out, unless the command line names the file itself.",
        ...texts,
        examples: [["edge/old"]],
      },
      devices: {
        description:
          "What is known of the firewalls whose configurations these are. The first entry that speaks of a file counts.",
        type: "array",
        items: device,
      },
      family: { description: "The address families that matter. By default both.", ...someOf(families) },
      severities: {
        description: "How much a finding of a rule weighs, by the rule's code or name.",
        type: "object",
        additionalProperties: false,
        properties: Object.fromEntries(severities()),
        examples: [{ RW4031: "off", "permit-any-any": "error" }],
      },
      "fail-on": {
        description: "The least severity that makes `ringwall lint` exit with 1. By default warning.",
        enum: failOns,
      },
      baseline: {
        description: "The file of accepted findings, as `ringwall lint --write-baseline` writes it.",
        ...text,
        examples: ["ringwall-baseline.json"],
      },
    },
  };
}

const text = { type: "string", minLength: 1 };
const texts = { type: ["string", "array"], items: text };

function someOf(choices: readonly string[]): object {
  return { anyOf: [{ enum: choices }, { type: "array", items: { enum: choices } }] };
}

const device = {
  type: "object",
  additionalProperties: false,
  required: ["files"],
  properties: {
    files: {
      description: "The configurations that this entry speaks of.",
      ...texts,
      examples: ["edge1/**", ["edge2/rules.v4", "edge2/rules.v6"]],
    },
    name: {
      description: "With a name all files of this entry are one firewall, and are read together.",
      ...text,
      examples: ["edge2"],
    },
    vendor: { description: "The vendor's id (`ringwall vendors` lists them). By default it is recognised.", ...text },
    outside: {
      description: "The interfaces on the outside. By default what the text says, else each is tried.",
      ...texts,
      examples: [["wan0"]],
    },
    inside: {
      description: "The interfaces on the other end. By default all others.",
      ...texts,
      examples: [["lan0", "dmz0"]],
    },
    hooks: {
      description:
        "The packets that matter: forward (through the firewall), input (to itself), output (from itself). A host that does not forward has input and output. By default all that the configuration has rules for.",
      ...someOf(hooks),
      examples: [["input", "output"]],
    },
  },
};

function severities(): (readonly [string, object])[] {
  return (Object.keys(codes) as Code[]).filter(isFindingCode).flatMap((code) => {
    const { name, about } = codes[code];
    const value = { description: `${code} ${name}: ${about}`, enum: ["off", "note", "warning", "error"] };
    return [[code, value] as const, [name, value] as const];
  });
}
