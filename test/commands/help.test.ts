import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { loadCommand } from "../../src/commands/commands.js";
import { commandNames, summaries } from "../../src/commands/summaries.js";
import { commandHelp, generalHelp } from "../../src/commands/help.js";
import { readCommandLine } from "../../src/commands/command-line.js";
import { plain } from "../../src/report/index.js";

const page = new URL("../../docs/commands.md", import.meta.url);

describe("help", () => {
  it("names every command", () => {
    const help = generalHelp("1.2.3", 100, plain);
    for (const name of commandNames) expect(help).to.match(new RegExp(`^  ${name} +\\S`, "m"));
  });

  for (const name of commandNames) {
    it(`has examples of ringwall ${name} that its command line takes`, async () => {
      const command = await loadCommand(name);
      expect(command.examples).not.to.have.lengthOf(0);
      expect(command.summary).to.equal(summaries[name]);
      for (const { line } of command.examples) {
        const words = wordsOf(line.slice(line.indexOf("ringwall ") + "ringwall ".length));
        expect(words.shift()).to.equal(name);
        expect(readCommandLine(command, words), line).to.have.property("kind", "run");
      }
    });
  }

  it("stands in docs/commands.md as the program prints it", async () => {
    const text = readFileSync(page, "utf8");
    let made = text;
    for (const name of commandNames) {
      const help = commandHelp(await loadCommand(name), 100, plain).trimEnd();
      const block = `<!-- help: ${name} -->\n\n\`\`\`text\n${help}\n\`\`\``;
      made = made.replace(new RegExp(`<!-- help: ${name} -->(\\n\\n\`\`\`text\\n[^]*?\\n\`\`\`)?`), () => block);
    }
    if (process.env["UPDATE_FIXTURES"] === "1" && !process.env["CI"]) writeFileSync(page, made);
    else expect(text, "run the tests with UPDATE_FIXTURES=1 and read what changed").to.equal(made);
  });
});

/** As a shell cuts a line, as far as the examples need it: up to a redirection or the end of `$( )`. */
function wordsOf(line: string): string[] {
  const words = [...line.trim().matchAll(/"([^"]*)"|([^\s")]+)/g)].map((found) => found[1] ?? found[2]!);
  const end = words.indexOf(">");
  return end < 0 ? words : words.slice(0, end);
}
