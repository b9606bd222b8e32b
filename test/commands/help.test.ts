import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { loadCommand } from "../../src/commands/commands.js";
import { commandNames, firstWords, summaries } from "../../src/commands/summaries.js";
import { run } from "../../src/commands/run.js";
import { keptIo, readWords } from "../support/command.js";

const page = new URL("../../docs/commands.md", import.meta.url);

describe("help", () => {
  it("names every command, and nothing that is not for people", async () => {
    const help = await helpOf();
    for (const name of firstWords.keys()) expect(help).to.match(new RegExp(`^  ringwall ${name} +\\S`, "m"));
    expect(help).not.to.contain("yargs");
  });

  it("is made of characters that are one column wide, as the bundle measures them", async () => {
    for (const name of [undefined, ...commandNames]) expect(await helpOf(name)).to.match(/^[\n\x20-\x7e]+$/);
  });

  it("fits the terminal", async () => {
    for (const columns of [80, 100, 120]) {
      for (const name of commandNames) {
        for (const line of (await helpOf(name, columns)).split("\n"))
          expect(line.length, `${name} at ${columns}: ${line}`).to.be.at.most(columns);
      }
    }
  });

  for (const name of commandNames) {
    it(`has examples of ringwall ${name} that its command line takes`, async () => {
      const command = await loadCommand(name);
      const help = await helpOf(name, 80);
      expect(command.examples).not.to.have.lengthOf(0);
      expect(command.summary).to.equal(summaries[name]);
      for (const { line, about } of command.examples) {
        expect(help).to.contain(`  # ${about}\n  ${line.replaceAll("\n", "\n  ")}\n`);
        const words = wordsOf(line.slice(line.indexOf("ringwall ") + "ringwall ".length));
        expect(words.splice(0, name.split(" ").length).join(" ")).to.equal(name);
        expect(readWords(command, words), line).to.have.property("kind", "run");
      }
    });
  }

  it("stands in docs/commands.md as the program prints it", async () => {
    const text = readFileSync(page, "utf8");
    let made = text;
    for (const name of commandNames) {
      const help = (await helpOf(name)).trimEnd();
      const block = `<!-- help: ${name} -->\n\n\`\`\`text\n${help}\n\`\`\``;
      made = made.replace(new RegExp(`<!-- help: ${name} -->(\\n\\n\`\`\`text\\n[^]*?\\n\`\`\`)?`), () => block);
    }
    if (process.env["UPDATE_FIXTURES"] === "1" && !process.env["CI"]) writeFileSync(page, made);
    else expect(text, "run the tests with UPDATE_FIXTURES=1 and read what changed").to.equal(made);
  });
});

async function helpOf(name?: string, columns = 100): Promise<string> {
  const io = keptIo(process.cwd());
  const exit = await run(name === undefined ? ["--help"] : [...name.split(" "), "--help"], {
    ...io,
    stdout: { ...io.stdout, columns },
  });
  expect([exit, io.kept.stderr]).to.deep.equal([0, ""]);
  return io.kept.stdout;
}

/** As a shell cuts a line, as far as the examples need it: up to a redirection or the end of `$( )`. */
function wordsOf(line: string): string[] {
  const words = [
    ...line
      .replaceAll("\\\n", " ")
      .trim()
      .matchAll(/"([^"]*)"|([^\s")]+)/g),
  ].map((found) => found[1] ?? found[2]!);
  const end = words.indexOf(">");
  return end < 0 ? words : words.slice(0, end);
}
