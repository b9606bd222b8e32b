import { diagnostic } from "../diagnostics/index.js";
import { renderDiagnostics, style } from "../report/index.js";
import type { Command } from "./command.js";
import { completionScript } from "./parser.js";
import { summaries } from "./summaries.js";
import { exitCodes } from "./io.js";

const shells = ["bash", "zsh"] as const;

export const command: Command = {
  name: "completion",
  summary: summaries.completion,
  description:
    "Prints a script that completes commands, options, vendors and files. It asks ringwall at each key press.",
  positionals: [
    { name: "shell", about: "bash or zsh; by default the one in $SHELL", required: false, complete: shells },
  ],
  options: [],
  examples: [
    { line: 'eval "$(ringwall completion bash)"', about: "for this bash; put it into ~/.bashrc to keep it" },
    { line: "ringwall completion zsh > ~/.zfunc/_ringwall", about: "for zsh, in a folder of $fpath" },
  ],
  run(given, io) {
    const wanted = given.positionals[0] ?? (io.env["SHELL"]?.endsWith("zsh") ? "zsh" : "bash");
    const shell = shells.find((one) => one === wanted);
    if (shell === undefined) {
      const problem = diagnostic("RW1007", `there is no completion for "${wanted}"`, { help: "choose bash or zsh" });
      io.stderr.write(renderDiagnostics([problem], style(io.stderr.colour)));
      return Promise.resolve(exitCodes.usage);
    }
    io.stdout.write(completionScript(shell));
    return Promise.resolve(exitCodes.done);
  },
};
