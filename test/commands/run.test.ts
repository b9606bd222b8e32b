import { expect } from "chai";
import { run } from "../../src/commands/run.js";
import type { Ran } from "../support/command.js";
import { keptIo } from "../support/command.js";

describe("the ringwall program", () => {
  it("shows its help on standard output when asked, and on standard error when it is not told what to do", async () => {
    const asked = await ringwall("--help");
    expect([asked.exit, asked.stderr]).to.deep.equal([0, ""]);
    expect(asked.stdout).to.contain("Usage: ringwall <command> [options]");
    const silent = await ringwall();
    expect([silent.exit, silent.stdout]).to.deep.equal([2, ""]);
    expect(silent.stderr).to.equal(asked.stdout);
  });

  it("shows a command's help with examples", async () => {
    const first = await ringwall("compile", "--help");
    expect(first.stdout).to.contain("Examples:\n  # every target");
    for (const words of [
      ["help", "compile"],
      ["--help", "compile"],
      ["compile", "-h"],
      ["compile", "policy.yaml", "--taget", "--help"],
    ])
      expect(await ringwall(...words), words.join(" ")).to.deep.equal(first);
    expect(await ringwall("help")).to.deep.equal(await ringwall("--help"));
  });

  it("says its version", async () => {
    const { exit, stdout, stderr } = await ringwall("--version");
    expect([exit, stderr]).to.deep.equal([0, ""]);
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    expect((await ringwall("-V")).stdout).to.equal(stdout);
    expect((await ringwall("version")).stdout).to.equal(stdout);
    expect((await ringwall("compile", "--version")).stderr).to.contain("compile has no option --version");
  });

  it("offers the command that is meant", async () => {
    const ran = await ringwall("complie", "policy.yaml");
    expect(ran).to.deep.equal({
      exit: 2,
      stdout: "",
      stderr: 'error: there is no command "complie" [RW1007]\n = help: did you mean ringwall compile?\n',
    });
    expect((await ringwall("frobnicate")).stderr).to.contain("the commands are init, compile,");
    for (const words of [["--out", "x", "compile"], ["--json", "vendors"], ["--json=yes"], ["--", "vendors"], ["-x"]]) {
      const early = await ringwall(...words);
      expect([early.exit, early.stdout]).to.deep.equal([2, ""]);
      expect(early.stderr, words.join(" ")).to.contain(`the command comes first, before ${words[0]!} [RW1007]`);
    }
  });

  it("turns a failure of its own into exit 3 and a short request to report it, without a trace", async () => {
    const io = { ...keptIo(process.cwd()), stdout: broken };
    expect(await run(["vendors"], io)).to.equal(3);
    expect(io.kept.stderr).to.match(
      /^error: ringwall itself failed: the printer is on fire \[RW9003\]\n = help: this is a fault of ringwall/,
    );
    expect(io.kept.stderr).not.to.contain("run.test.ts");
    const debugged = { ...keptIo(process.cwd(), { RINGWALL_DEBUG: "1" }), stdout: broken };
    await run(["vendors"], debugged);
    expect(debugged.kept.stderr).to.contain("run.test.ts");
  });

  async function ringwall(...words: readonly string[]): Promise<Ran> {
    const io = keptIo(process.cwd());
    return { exit: await run(words, io), ...io.kept };
  }

  const broken = {
    colour: false,
    columns: 80,
    write: () => {
      throw new Error("the printer is on fire");
    },
  };
});
