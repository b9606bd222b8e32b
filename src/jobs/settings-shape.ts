import type { Diagnostic, Span } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { Mapping, Tree } from "../policy/yaml.js";

/** Reads the values of one mapping of a settings file; what is wrong with them is gathered, and reads as absent. */
export class SettingsMapping {
  constructor(
    private readonly mapping: Mapping,
    private readonly diagnostics: Diagnostic[],
  ) {}

  /** Says of every key that is not among them that it is unknown. `what` follows "…": `a device`. */
  knows(what: string, keys: readonly string[]): this {
    for (const [key, entry] of this.mapping.entries) {
      if (keys.includes(key)) continue;
      this.refuse(entry.span, `${what} has no key "${key}"${didYouMean(key, keys)}`, `it has ${keys.join(", ")}`);
    }
    return this;
  }

  text(key: string): PlacedText | undefined {
    const tree = this.value(key);
    if (tree === undefined) return undefined;
    if (tree.kind === "scalar" && typeof tree.value === "string" && tree.value !== "")
      return { text: tree.value, span: tree.span };
    return this.refuse(tree.span, `\`${key}\` is a text`);
  }

  /** A text counts as a list of one. */
  texts(key: string): readonly PlacedText[] {
    const tree = this.value(key);
    if (tree === undefined) return [];
    const texts = (tree.kind === "list" ? tree.items : [tree]).map((item) =>
      item.kind === "scalar" && typeof item.value === "string" ? { text: item.value, span: item.span } : undefined,
    );
    if (texts.every((text) => text !== undefined)) return texts;
    this.refuse(tree.span, `\`${key}\` is a text or a list of texts`);
    return [];
  }

  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const given = this.text(key);
    return given === undefined ? undefined : this.oneOf(key, given, choices);
  }

  /** Undefined where the key is absent. */
  choices<T extends string>(key: string, choices: readonly T[]): readonly T[] | undefined {
    if (this.value(key) === undefined) return undefined;
    return this.texts(key).flatMap((given) => this.oneOf(key, given, choices) ?? []);
  }

  list(key: string, help: string): readonly Tree[] {
    const tree = this.value(key);
    if (tree === undefined || tree.kind === "list") return tree?.items ?? [];
    this.refuse(tree.span, `\`${key}\` is a list`, help);
    return [];
  }

  mappingAt(key: string, help: string): Mapping | undefined {
    const tree = this.value(key);
    if (tree === undefined || tree.kind === "mapping") return tree;
    return this.refuse(tree.span, `\`${key}\` is a mapping`, help);
  }

  oneOf<T extends string>(key: string, { text, span }: PlacedText, choices: readonly T[]): T | undefined {
    const found = choices.find((one) => one === text);
    if (found !== undefined) return found;
    const help = `it can be ${choices.join(", ")}`;
    return this.refuse(span, `\`${key}\` cannot be "${text}"${didYouMean(text, choices)}`, help);
  }

  refuse(at: Span, message: string, help?: string): undefined {
    this.diagnostics.push(diagnostic("RW1002", message, { primary: at, help }));
  }

  /** A key without a value counts as absent. */
  private value(key: string): Tree | undefined {
    const tree = this.mapping.entries.get(key)?.value;
    return tree?.kind === "scalar" && tree.value === null ? undefined : tree;
  }
}

export interface PlacedText {
  readonly text: string;
  readonly span: Span;
}
