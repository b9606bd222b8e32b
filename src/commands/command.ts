import type { ExitCode, Io } from "./io.js";

/** One command, `ringwall compile`, with all that yargs needs to know to read its command line and to show its help. */
export interface Command {
  /** One word, or two where it belongs to a group: `feeds show`. */
  readonly name: string;
  /** One line, in the imperative. */
  readonly summary: string;
  /** Paragraphs for the command's own help. */
  readonly description: string;
  readonly positionals: readonly Positional[];
  readonly options: readonly Option[];
  /** Complete command lines with what they do. */
  readonly examples: readonly Example[];
  run(given: Given, io: Io): Promise<ExitCode>;
}

export interface Positional {
  /** As help shows it: `policy`. */
  readonly name: string;
  readonly about: string;
  readonly required: boolean;
  /** Takes all words that are left; only the last positional can. */
  readonly many?: true;
  /** What it may be; a file has any name, and of something else (an address) nothing is known. */
  readonly complete: "file" | readonly string[];
}

/** `flag` takes no value, `text` one, `list` may be given several times and splits its values at commas. */
export type Option = {
  readonly name: string;
  readonly about: string;
} & (
  | { readonly kind: "flag" }
  | {
      readonly kind: "text" | "list";
      /** What stands for the value in help: `DIR`. */
      readonly value: string;
      readonly complete?: "vendor";
      /** The only values allowed. */
      readonly choices?: readonly string[];
    }
);

export interface Example {
  /** A line for a shell, at most 76 characters wide; a longer one goes on behind a backslash. */
  readonly line: string;
  readonly about: string;
}

/** A command line that was read and fits its command. Asking for an option that the command does not have throws. */
export interface Given {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  /** Empty where the option is absent. */
  list(name: string): readonly string[];
}
