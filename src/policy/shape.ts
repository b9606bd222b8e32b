import type { ErrorObject } from "ajv";
import type { Diagnostic, Span } from "../diagnostics/index.js";
import { diagnostic, didYouMean, nearest, spanText } from "../diagnostics/index.js";
import validate from "./validate-policy.generated.js";
import { nodeAt, valueOf } from "./yaml.js";
import type { Tree } from "./yaml.js";

/**
 * What is wrong with the shape of a policy, by its JSON Schema: the validator's errors in words, in the order of the
 * text, at most one for a place. Empty means that the shape is right.
 */
export function shapeProblems(tree: Tree): Diagnostic[] {
  if (validate(valueOf(tree))) return [];
  const told = missingTogether(withoutNoise(validate.errors ?? []));
  return told
    .map((error) => explain(tree, error))
    .filter(onePerPlace())
    .sort((a, b) => (a.primary?.start ?? 0) - (b.primary?.start ?? 0));
}

type SchemaError = ErrorObject<string, Record<string, unknown>>;
type Path = readonly (string | number)[];

/**
 * Leaves out what failed alternatives (`oneOf`, `anyOf`) say one by one, if nothing in them is about a deeper place than
 * the alternatives themselves; then the alternatives' own error is left out instead.
 */
function withoutNoise(errors: readonly SchemaError[]): SchemaError[] {
  const isChoice = (error: SchemaError): boolean => error.keyword === "oneOf" || error.keyword === "anyOf";
  const deeper = (choice: SchemaError, error: SchemaError): boolean =>
    error.instancePath.length > choice.instancePath.length &&
    error.instancePath.startsWith(`${choice.instancePath}/`) &&
    error.schemaPath.startsWith(choice.schemaPath);
  const choices = errors.filter(isChoice);
  const wrongType = (choice: SchemaError): boolean =>
    errors.some((error) => error.keyword === "type" && error.instancePath === choice.instancePath);
  const kept = choices.filter(
    (choice) => !wrongType(choice) && !errors.some((error) => !isChoice(error) && deeper(choice, error)),
  );
  return errors.filter((error) => {
    if (error.keyword === "if" || error.keyword === "propertyNames") return false;
    if (isChoice(error)) return kept.includes(error);
    const within = choices.filter((choice) => error.schemaPath.startsWith(`${choice.schemaPath}/`));
    return within.every((choice) => deeper(choice, error));
  });
}

/** The validator tells of each missing key by itself; all of one place are one error here. */
function missingTogether(errors: readonly SchemaError[]): SchemaError[] {
  const merged: SchemaError[] = [];
  for (const error of errors) {
    const same = merged.find((one) => one.keyword === "required" && one.instancePath === error.instancePath);
    if (error.keyword !== "required" || same === undefined) merged.push({ ...error, params: { ...error.params } });
    else same.params["missingProperty"] = [same.params["missingProperty"], error.params["missingProperty"]].flat();
  }
  return merged;
}

function onePerPlace(): (one: Diagnostic) => boolean {
  const seen = new Set<string>();
  return ({ primary }) => {
    const place = `${primary?.start}-${primary?.end}`;
    const isNew = !seen.has(place);
    seen.add(place);
    return isNew;
  };
}

function explain(tree: Tree, error: SchemaError): Diagnostic {
  const path = pathOf(error.instancePath);
  const node = nodeAt(tree, path) ?? tree;
  const where = describePath(tree, path);
  const place = placeOf(tree, path);
  const schema = (error.parentSchema ?? {}) as Schema;
  const about = path.length === 0 ? "a policy has at least `version: 1`, `name` and `rules`" : schema.description;
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey(tree, path, String(error.params["additionalProperty"]), schema);
    case "required": {
      const missing = [error.params["missingProperty"]].flat().map(String);
      return diagnostic(
        "RW1002",
        `${where} needs ${listOf(
          missing.map((key) => `"${key}"`),
          "and",
        )}`,
        {
          primary: keyPlaceOf(tree, path),
          help: exampleOfProperty(schema, missing[0]!),
        },
      );
    }
    case "oneOf":
    case "anyOf":
      return whichOf(tree, path, schema, where);
    case "type":
      return wrongType(node, place, where, error.params["type"], about);
    case "const":
    case "enum": {
      const allowed = (
        error.keyword === "const" ? [error.params["allowedValue"]] : error.params["allowedValues"]
      ) as unknown[];
      const listed = allowed.map(String);
      const is = node.kind === "scalar" && typeof node.value === "string" ? quoted(place) : shortened(spanText(place));
      return diagnostic(
        "RW1002",
        `${where} is ${is}; it ${listed.length === 1 ? "must" : "can"} be ${listOf(listed, "or")}`,
        {
          primary: place,
          help: (error.keyword === "enum" ? suggestion(spanText(place), listed) : undefined) ?? about,
        },
      );
    }
    case "pattern":
      if (error.propertyName !== undefined) return badName(tree, path, error.propertyName, about);
      if (path[path.length - 1] === "expires") {
        const help = "write the date as YYYY-MM-DD";
        return diagnostic("RW1008", `${quoted(place)} is not a day of the calendar`, { primary: place, help });
      }
      return diagnostic("RW1002", `${where}: ${quoted(place)} is not written as it must be`, {
        primary: place,
        help: about,
      });
    case "minItems":
    case "minProperties":
      return diagnostic("RW1002", `${where} is empty, and empty never means any`, {
        primary: place,
        help: "remove it, or write what it should hold",
      });
    case "minLength":
      return diagnostic("RW1002", `${where} is empty`, { primary: place, help: about });
    case "minimum":
    case "maximum":
      return diagnostic(
        "RW1002",
        `${where} is ${spanText(place)}; it must be ${error.keyword === "minimum" ? "at least" : "at most"} ${String(error.params["limit"])}`,
        { primary: place, help: about },
      );
    case "uniqueItems":
      return diagnostic("RW1002", `${where} has the same entry twice`, { primary: place, help: "remove one of them" });
    default:
      return diagnostic("RW1002", `${where} ${error.message ?? "is not allowed"}`, { primary: place, help: about });
  }
}

interface Schema {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly type?: string | readonly string[];
}

function unknownKey(tree: Tree, path: Path, key: string, schema: Schema): Diagnostic {
  const node = nodeAt(tree, path);
  const primary = node?.kind === "mapping" ? node.entries.get(key)?.span : undefined;
  const known = Object.keys(schema.properties ?? {});
  if (path.length === 1 && path[0] === "targets") {
    return diagnostic("RW2011", `no vendor is called "${key}"${didYouMean(key, known)}`, {
      primary: primary ?? node?.span,
      help: `vendors: ${known.join(", ")}`,
    });
  }
  if (/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(key)) {
    return diagnostic("RW1002", `"${key}" is read as a key, because the text ends with ":"`, {
      primary,
      help: `put the address into quotes: "${key}:"`,
    });
  }
  return diagnostic("RW1002", `${describePath(tree, path)} has no key "${key}"${didYouMean(key, known)}`, {
    primary: primary ?? node?.span,
    help: known.length === 0 ? undefined : `keys here: ${known.join(", ")}`,
  });
}

function whichOf(tree: Tree, path: Path, schema: Schema, where: string): Diagnostic {
  const choices = schema.oneOf ?? schema.anyOf ?? [];
  const keys = choices.flatMap((choice) => choice.required ?? []);
  const node = nodeAt(tree, path);
  if (keys.length > 0 && node?.kind === "mapping") {
    const given = keys.filter((key) => node.entries.has(key));
    if (given.length > 1) {
      const entries = given.map((key) => node.entries.get(key)!);
      return diagnostic("RW1002", `${where} has ${listOf(given, "and")}, and can have only one of them`, {
        primary: entries[1]!.span,
        related: [{ span: entries[0]!.span, message: "the other one" }],
        help: "make two rules of it",
      });
    }
    return diagnostic("RW1002", `${where} needs one of ${listOf(keys, "or")}`, {
      primary: keyPlaceOf(tree, path),
      help: exampleOfProperty(schema, keys[0]!),
    });
  }
  const place = placeOf(tree, path);
  const types = choices.flatMap((choice) => (choice.type === undefined ? [] : typeWords(choice.type)));
  return diagnostic(
    "RW1002",
    types.length > 0
      ? `${where} must be ${listOf(types, "or")}`
      : `${where}: ${quoted(place)} is none of what it can be`,
    { primary: place, help: schema.description },
  );
}

function wrongType(node: Tree, place: Span, where: string, wanted: unknown, about: string | undefined): Diagnostic {
  const words = listOf(typeWords(wanted as string | readonly string[]), "or");
  if (node.kind === "scalar" && node.value === null) {
    return diagnostic("RW1002", `${where} has no value; it must be ${words}`, {
      primary: place,
      help: about ?? "remove the key, or write its value",
    });
  }
  const wantsText = [wanted].flat().includes("string");
  if (wantsText && node.kind === "scalar" && typeof node.value !== "string") {
    const text = spanText(place);
    return diagnostic(
      "RW1002",
      `${where} must be ${words}, and ${text} is ${typeof node.value === "number" ? "a number" : "a truth value"} to YAML`,
      {
        primary: place,
        help: numberHelp(where, text),
      },
    );
  }
  const is = node.kind === "scalar" ? quoted(place) : node.kind === "list" ? "a list" : "a mapping";
  return diagnostic("RW1002", `${where} must be ${words}, not ${is}`, { primary: place, help: about });
}

/** What was probably meant by a number where text should stand. */
function numberHelp(where: string, text: string): string {
  const key = where.replace(/(\[\d+\])+$/, "").replace(/^.*\./, "");
  if (/^\d+$/.test(text)) {
    if (where.startsWith("services.") || ["deny", "reject", "permit", "service"].includes(key)) {
      return `a service names its protocol: tcp/${text} or udp/${text}`;
    }
    if (key === "ports") return `a port names its protocol: tcp/${text}`;
  }
  if (/^networks\.[^.]+$/.test(where) || ["from", "to", "of", "minus"].includes(key)) {
    return "an IPv4 address has four numbers, such as 192.0.2.7 or 10.20.0.0/16";
  }
  return `put it into quotes: "${text}"`;
}

function badName(tree: Tree, path: Path, name: string, about: string | undefined): Diagnostic {
  const node = nodeAt(tree, path);
  return diagnostic("RW1002", `${describePath(tree, path)}: "${name}" cannot be a name`, {
    primary: (node?.kind === "mapping" ? node.entries.get(name)?.span : undefined) ?? node?.span,
    help: about,
  });
}

function pathOf(pointer: string): Path {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** `rules[0].except[1].service`, `the policy` for no path. */
function describePath(tree: Tree, path: Path): string {
  if (path.length === 0) return "the policy";
  return path
    .map((step, i) => {
      if (nodeAt(tree, path.slice(0, i))?.kind === "list") return `[${step}]`;
      return i === 0 ? String(step) : `.${step}`;
    })
    .join("");
}

/** Of the value, or of its key where the value is not written (`from:` and nothing). */
function placeOf(tree: Tree, path: Path): Span {
  const node = nodeAt(tree, path) ?? tree;
  return node.span.start === node.span.end ? keyPlaceOf(tree, path) : firstLine(node);
}

/** Of the key whose value stands at the path; of the value itself, in a list. */
function keyPlaceOf(tree: Tree, path: Path): Span {
  const parent = nodeAt(tree, path.slice(0, -1));
  const last = path[path.length - 1];
  if (parent?.kind === "mapping" && last !== undefined) {
    const entry = parent.entries.get(String(last));
    if (entry !== undefined) return entry.span;
  }
  return firstLine(nodeAt(tree, path) ?? tree);
}

/** A caret below a whole section helps nobody. */
function firstLine(node: Tree): Span {
  const { source, start, end } = node.span;
  if (node.kind === "scalar") return node.span;
  const length = source.text.slice(start, end).search(/[\r\n]/);
  return length < 0 ? node.span : { source, start, end: start + length };
}

function quoted(place: Span): string {
  return JSON.stringify(shortened(spanText(place).replace(/^(["'])(.*)\1$/s, "$2")));
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function typeWords(types: string | readonly string[]): string[] {
  const words: Record<string, string> = {
    string: "text",
    integer: "a whole number",
    number: "a number",
    boolean: "true or false",
    array: "a list",
    object: "a mapping",
    null: "null",
  };
  return [types].flat().map((type) => words[type] ?? type);
}

/** `a, b and c`. */
function listOf(items: readonly string[], last: "and" | "or"): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} ${last} ${items[items.length - 1]!}`;
}

function suggestion(text: string, allowed: readonly string[]): string | undefined {
  const near = nearest(text, allowed, 1)[0];
  return near === undefined ? undefined : `did you mean ${near}?`;
}

function exampleOfProperty(schema: Schema, key: string): string | undefined {
  const example = schema.properties?.[key]?.examples?.[0];
  if (example === undefined) return schema.properties?.[key]?.description;
  return `for example: ${key}: ${typeof example === "string" ? example : JSON.stringify(example)}`;
}
