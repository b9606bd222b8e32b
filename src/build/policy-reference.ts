import { Document, isCollection, isPair, isScalar, visit } from "yaml";
import { icmpTypes, withoutPorts, withPorts } from "../policy/services.js";

/** The parts of JSON Schema that the policy and the vendors' options use. */
interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/** `docs/policy-reference.md`: every key of the language, in the words of its JSON Schema. */
export function policyReference(root: object): string {
  const schema = root as Schema;
  const targets = Object.entries(schema.properties?.["targets"]?.properties ?? {});
  const lines = [
    "<!-- Written by `npm run generate` from src/policy/policy.schema.json and the vendors' manifests. Do not change. -->",
    "",
    "# The policy language",
    "",
    ...introduction,
    "## Keys of a policy",
    "",
    ...keys(schema, schema),
    ...sections.flatMap(([definition, title]) => section(schema, definition, title)),
    ...serviceWords(),
    "## Targets",
    "",
    "Below `targets` stands one key for each vendor. A key that no vendor knows is an error.",
    "",
    ...targets.flatMap(([id, target]) => [
      `### \`${id}\``,
      "",
      ...(target.description === undefined ? [] : [target.description, ""]),
      ...table(schema, target),
    ]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

const introduction = [
  "A policy is one YAML file (JSON is YAML, too). Put this line at its head, and editors complete and check it:",
  "",
  "```yaml",
  "# yaml-language-server: $schema=./node_modules/ringwall/schemas/policy.schema.json",
  "```",
  "",
  "The file is YAML 1.2: `2027-06-30` and `no` are text. Anchors and aliases work, merge keys (`<<`) and tags do not; a key that occurs",
  "twice is an error. An empty list is an error, because empty never means any.",
  "",
  "Directions are relative to the outside interfaces, and of the first packet of a connection: *inbound* arrives on one, *outbound* leaves by",
  "one. Replies of an allowed flow follow the flow. Rules are ordered, and the first one that matches decides. Both address families are meant,",
  "always, unless `family` says otherwise.",
  "",
];

const sections: readonly (readonly [definition: string, title: string])[] = [
  ["feed", "Feeds"],
  ["network", "Networks"],
  ["azure", "Azure selections"],
  ["office365", "Office 365 selections"],
  ["service", "Services"],
  ["rule", "Rules"],
  ["exception", "Exceptions"],
  ["hosts", "Hosts"],
  ["role", "Roles of hosts"],
  ["smb-services", "Services of SMB"],
  ["all-smb-settings", "Settings of SMB"],
];

function section(root: Schema, definition: string, title: string): string[] {
  const schema = root.definitions?.[definition];
  if (schema === undefined) throw new Error(`the schema has no definition "${definition}"`);
  return [
    `## ${title}`,
    "",
    schema.description ?? "",
    "",
    ...(schema.examples ?? []).flatMap((example) => yamlBlock(example)),
    ...keys(root, schema),
  ];
}

function keys(root: Schema, schema: Schema): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const { description, examples } = resolved(root, property);
    return [
      `### \`${key}\``,
      "",
      `${facts(root, property, schema.required?.includes(key) ?? false)}`,
      "",
      description ?? "",
      "",
      ...(examples === undefined || key === "targets" ? [] : yamlBlock({ [key]: examples[0] })),
    ];
  });
}

function table(root: Schema, schema: Schema): string[] {
  const rows = Object.entries(schema.properties ?? {}).map(([key, property]) => {
    const is = facts(root, property, schema.required?.includes(key) ?? false);
    return `| \`${key}\` | ${cell(is)} | ${cell(resolved(root, property).description ?? "")} |`;
  });
  return rows.length === 0 ? [] : ["| key | value | |", "|---|---|---|", ...rows, ""];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s+/g, " ");
}

/** `text, a list or a mapping; required`. */
function facts(root: Schema, property: Schema, required: boolean): string {
  const schema = resolved(root, property);
  const values = schema.enum ?? ("const" in schema ? [schema.const] : undefined);
  const what =
    values?.map((value) => `\`${String(value)}\``).join(", ") ??
    [schema.type ?? []].flat().map((type) => typeWords[type] ?? type);
  const text = typeof what === "string" ? what : what.join(", ").replace(/, ([^,]*)$/, " or $1");
  const rest = required
    ? "; required"
    : schema.default === undefined
      ? ""
      : `; default \`${JSON.stringify(schema.default).replaceAll('"', "")}\``;
  return `${text || "see below"}${rest}`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "`true` or `false`",
  array: "a list",
  object: "a mapping",
  null: "nothing",
};

/** A reference's target, with what stands beside the reference before it. */
function resolved(root: Schema, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const target = root.definitions?.[schema.$ref.replace("#/definitions/", "")];
  if (target === undefined) throw new Error(`nothing is at ${schema.$ref}`);
  return { ...target, ...schema };
}

function yamlBlock(value: unknown): string[] {
  const document = new Document(value);
  visit(document, {
    Collection: (_, node) => {
      const flat = node.items.every((item) => (isPair(item) ? !isCollection(item.value) : isScalar(item)));
      if (flat && node !== document.contents) node.flow = true;
    },
  });
  return ["```yaml", document.toString({ lineWidth: 120 }).trimEnd(), "```", ""];
}

function serviceWords(): string[] {
  const icmp = Object.entries(icmpTypes).map(([name, { ipv4, ipv6 }]) => {
    const number = (type: typeof ipv4): string =>
      type === undefined ? "" : type.code === undefined ? `${type.type}` : `${type.type}, code ${type.code}`;
    return `| \`icmp/${name}\` | ${number(ipv4)} | ${number(ipv6)} |`;
  });
  return [
    "## Words for services",
    "",
    `Protocols with ports: ${list(Object.keys(withPorts))}. Without: ${list(Object.keys(withoutPorts))}, and \`protocol/\` with any number. \`icmp\` is ICMP in IPv4 and ICMPv6`,
    "in IPv6; `icmpv4` and `icmpv6` are one of them. Numbers after `icmp` are those of IPv4.",
    "",
    "| type | ICMP (IPv4) | ICMPv6 |",
    "|---|---|---|",
    ...icmp,
    "",
  ];
}

function list(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}
