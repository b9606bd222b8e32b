import { diagnostic } from "../diagnostics/index.js";
import { renderDiagnostics, style } from "../report/index.js";
import { installedVendors } from "../registry.js";
import type { Command, Option } from "./command.js";
import { helpOption } from "./command.js";
import { commandNames, summaries } from "./summaries.js";
import { exitCodes } from "./io.js";

const shells = ["bash", "zsh"] as const;

export const command: Command = {
  name: "completion",
  summary: summaries.completion,
  description: `Prints a script that completes commands, options, vendors and files. The script stands alone: completing a
    word starts nothing.`,
  positionals: [
    { name: "shell", about: "bash or zsh; by default the one in $SHELL", required: false, complete: shells },
  ],
  options: [],
  examples: [
    { line: 'eval "$(ringwall completion bash)"', about: "for this bash; put it into ~/.bashrc to keep it" },
    { line: "ringwall completion zsh > ~/.zfunc/_ringwall", about: "for zsh, in a folder of $fpath" },
  ],
  async run(given, io, all) {
    const wanted = given.positionals[0] ?? (io.env["SHELL"]?.endsWith("zsh") ? "zsh" : "bash");
    if (wanted !== "bash" && wanted !== "zsh") {
      const problem = diagnostic("RW1007", `there is no completion for "${wanted}"`, { help: "choose bash or zsh" });
      io.stderr.write(renderDiagnostics([problem], style(io.stderr.colour)));
      return exitCodes.usage;
    }
    const commands = await all();
    io.stdout.write(wanted === "bash" ? bashScript(commands) : zshScript(commands));
    return exitCodes.done;
  },
};

function bashScript(commands: readonly Command[]): string {
  const cases = commands.map((one) => {
    const options = optionsOf(one);
    const values = options
      .filter((option) => option.kind !== "flag")
      .map((option) => `      --${option.name}) ${bashWords(wordsOf(option))}; return ;;`);
    return [
      `    ${one.name})`,
      ...(values.length === 0 ? [] : [`      case "$previous" in`, ...values.map((line) => `  ${line}`), "      esac"]),
      `      options="${options.map((option) => `--${option.name}`).join(" ")}"`,
      `      words="${one.positionals.flatMap((positional) => (typeof positional.complete === "string" ? [] : positional.complete)).join(" ")}"`,
      "      ;;",
    ].join("\n");
  });
  return `# bash completion for ringwall
_ringwall() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" options="" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commandNames.join(" ")} --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *) if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi ;;
  esac
}
complete -o filenames -F _ringwall ringwall
`;
}

function bashWords(words: readonly string[] | "file" | "directory" | "nothing"): string {
  if (words === "file") return `COMPREPLY=($(compgen -f -- "$word"))`;
  if (words === "directory") return `COMPREPLY=($(compgen -d -- "$word"))`;
  if (words === "nothing") return "COMPREPLY=()";
  return `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$word"))`;
}

function zshScript(commands: readonly Command[]): string {
  const cases = commands.map((one) => {
    const lines = [
      ...optionsOf(one).map((option) => {
        const again = option.kind === "list" ? "*" : "";
        const value = option.kind === "flag" ? "" : `:${option.value}:${zshWords(wordsOf(option))}`;
        return quoted(`${again}--${option.name}[${zshText(option.about)}]${value}`);
      }),
      ...one.positionals.map((positional, i) => quoted(`${i + 1}:${positional.name}:${zshWords(positional.complete)}`)),
    ];
    return [`    ${one.name})`, `      _arguments ${lines.join(" \\\n        ")}`, "      ;;"].join("\n");
  });
  return `#compdef ringwall
_ringwall() {
  local -a commands
  commands=(
${commandNames.map((name) => `    ${quoted(`${name}:${summaries[name]}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local name=$words[2]
  shift words
  (( CURRENT-- ))
  case $name in
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = "_ringwall" ]; then _ringwall "$@"; else compdef _ringwall ringwall; fi
`;
}

function zshWords(words: readonly string[] | "file" | "directory" | "nothing"): string {
  if (words === "file") return "_files";
  if (words === "directory") return "_files -/";
  return words === "nothing" ? " " : `(${words.join(" ")})`;
}

function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, (character) => `\\${character}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function optionsOf(one: Command): readonly Option[] {
  return [...one.options, helpOption];
}

function wordsOf(option: Option): readonly string[] | "file" | "directory" | "nothing" {
  if (option.kind === "flag") return "nothing";
  if (option.choices !== undefined) return option.choices;
  return option.complete === "vendor" ? installedVendors().ids : (option.complete ?? "nothing");
}
