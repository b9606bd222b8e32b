import type { Command, Value } from "./powershell-syntax.js";

/** What a command was given, by parameter in lower case. */
export interface Arguments {
  readonly values: ReadonlyMap<string, Value>;
  /** What cannot be told to belong to a parameter, in words that follow "was not understood:". */
  readonly problems: readonly string[];
  /** Values without a parameter's name, in order. */
  readonly positional: readonly Value[];
}

/**
 * Binds the elements of a command to the parameters of its cmdlet. A parameter may be cut short as long as it stays
 * unique. A switch takes no value but one behind a colon.
 */
export function argumentsOf(command: Command, parameters: readonly string[], switches: ReadonlySet<string>): Arguments {
  const values = new Map<string, Value>();
  const problems: string[] = [];
  const positional: Value[] = [];
  const put = (word: string, value: Value): void => {
    const name = parameterOf(word, parameters);
    if (name === undefined) problems.push(`the parameter -${word}`);
    else if (values.has(name)) problems.push(`-${name} given twice`);
    else values.set(name, value);
  };
  const { elements } = command;
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]!;
    if (element.kind === "value") positional.push(element.value);
    else if (element.kind === "splat") {
      if (element.value.kind !== "table")
        problems.push("a table of parameters that is known only when the script runs");
      else for (const [key, value] of element.value.entries) put(key, value);
    } else if (element.value !== undefined) put(element.name, element.value);
    else {
      const next = elements[i + 1];
      const isSwitch = switches.has(parameterOf(element.name, parameters) ?? element.name);
      if (isSwitch || next?.kind !== "value") put(element.name, { kind: "boolean", value: true });
      else {
        put(element.name, next.value);
        i++;
      }
    }
  }
  return { values, problems, positional };
}

function parameterOf(word: string, parameters: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  if (parameters.includes(lower)) return lower;
  const found = parameters.filter((name) => name.startsWith(lower));
  return found.length === 1 ? found[0] : undefined;
}

/** A value as words: a text by itself, or the items of a list. Undefined where one is not known, or no text. */
export function wordsOf(value: Value): readonly string[] | undefined {
  switch (value.kind) {
    case "text":
      return [value.text];
    case "list": {
      const words = value.items.map((item) => (item.kind === "text" ? item.text : undefined));
      return words.every((word) => word !== undefined) ? words : undefined;
    }
    case "boolean":
    case "table":
    case "dynamic":
      return undefined;
  }
}
