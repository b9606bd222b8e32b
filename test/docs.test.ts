import { expect } from "chai";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../src/commands/run.js";
import { compile } from "../src/index.js";
import { keptIo } from "./support/command.js";

const root = join(import.meta.dirname, "..");

/**
 * What the documentation shows is what happens. A block of `console` is run line by line (`$ ringwall …`; `cd` and `cp`
 * too) and must print what stands below, where a line of `...` stands for any lines; `echo $?` prints the exit code. A
 * block marked `file=NAME` is written to that file first. All blocks of a page share one folder.
 */
describe("the documentation", function () {
  this.timeout(60_000);

  for (const page of ["README.md", "docs/tutorial.md", "docs/feeds.md", "docs/exceptions.md"]) {
    it(`shows in ${page} what really happens`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "ringwall-docs-"));
      try {
        cpSync(join(root, "examples"), join(folder, "examples"), { recursive: true });
        let ran = 0;
        for (const block of blocksOf(readFileSync(join(root, page), "utf8"))) {
          if (block.file !== undefined) {
            mkdirSync(dirname(join(folder, block.file)), { recursive: true });
            writeFileSync(join(folder, block.file), block.text);
          } else if (block.language === "console") {
            ran += await runBlock(block.text, folder);
          }
        }
        expect(ran).to.be.greaterThan(0);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it("leads nowhere that is not there", () => {
    const pages = [
      "README.md",
      "CHANGELOG.md",
      "src/README.md",
      "vendors/README.md",
      ...markdownIn("docs"),
      ...markdownIn("examples"),
    ];
    const dead = pages.flatMap((page) => {
      const text = readFileSync(join(root, page), "utf8").replace(/```[\s\S]*?```/g, "");
      return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
        .map(([, link]) => link!)
        .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(page), link)))
        .map((link) => `${page}: ${link}`);
    });
    expect(dead).to.deep.equal([]);
  });

  it("shows the library as it is used", async () => {
    const block = blocksOf(readFileSync(join(root, "README.md"), "utf8")).find(({ language }) => language === "ts");
    expect(block?.text).to.include('import { compile } from "ringwall"');
    const policy = readFileSync(join(root, "examples/smb-edge/policy.yaml"), "utf8");
    const feed = readFileSync(join(root, "examples/feeds/ServiceTags_Public.json"), "utf8");
    const { ok, targets } = await compile(policy, { files: { "../feeds/ServiceTags_Public.json": feed } });
    expect(ok).to.equal(true);
    expect(targets.flatMap((target) => target.files).length).to.be.greaterThan(5);
  });
});

interface Block {
  readonly language: string;
  readonly file?: string;
  readonly text: string;
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(([, language, file, text]) => ({
    language: language!,
    ...(file !== undefined && { file }),
    text: text!,
  }));
}

async function runBlock(text: string, folder: string): Promise<number> {
  const steps = text.split(/^\$ /m).slice(1);
  let exit = 0;
  for (const step of steps) {
    const [command, ...expected] = step.replace(/\n$/, "").split("\n");
    const words = command!
      .trim()
      .match(/"[^"]*"|\S+/g)!
      .map((word) => word.replaceAll('"', ""));
    let printed = "";
    if (words[0] === "ringwall") {
      const io = keptIo(folder);
      exit = await run(words.slice(1), io);
      printed = io.kept.stderr + io.kept.stdout;
    } else if (words[0] === "echo") {
      printed = `${exit}\n`;
    } else if (words[0] === "cat" || words[0] === "cp") {
      if (words[0] === "cp") cpSync(join(folder, words[1]!), join(folder, words[2]!), { recursive: true });
      else printed = readFileSync(join(folder, words[1]!), "utf8");
    } else {
      continue; // npm, nft and the like: the reader's own machine
    }
    if (expected.length > 0) expect(printed.trimEnd(), command).to.match(patternOf(expected));
  }
  return steps.length;
}

/** A line of `...` stands for any lines, also none; `...` at the end of a line for the rest of it. */
function patternOf(lines: readonly string[]): RegExp {
  let pattern = "";
  for (const line of lines) {
    pattern +=
      line.trim() === "..."
        ? "(?:.*\\n)*?"
        : `${line
            .trimEnd()
            .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
            .replace(/\\.\\.\\.$/, ".*")}[ ]*(?:\\n|$)`;
  }
  return new RegExp(`^${pattern}(?:.*\\n?)??$`);
}

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join(folder, path));
}
