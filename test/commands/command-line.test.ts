import { expect } from "chai";
import type { Command } from "../../src/commands/command.js";
import { readCommandLine } from "../../src/commands/command-line.js";
import { renderDiagnostics } from "../../src/report/index.js";

const command: Command = {
  name: "compile",
  summary: "",
  description: "",
  positionals: [{ name: "policy", about: "the policy", required: true, complete: "file" }],
  options: [
    { name: "target", kind: "list", value: "ID", about: "a target" },
    { name: "out", kind: "text", value: "DIR", about: "a folder" },
    { name: "family", kind: "text", value: "FAMILY", choices: ["ipv4", "ipv6"], about: "a family" },
    { name: "json", kind: "flag", about: "as JSON" },
  ],
  examples: [],
  run: () => Promise.resolve(0),
};

describe("a command line", () => {
  it("takes options before and behind its positionals, with = or a space", () => {
    const given = read("--out=a", "policy.yaml", "--json", "--target", "x");
    expect(given.positionals).to.deep.equal(["policy.yaml"]);
    expect(given.text("out")).to.equal("a");
    expect(given.flag("json")).to.equal(true);
    expect(given.list("target")).to.deep.equal(["x"]);
  });

  it("gathers a list from several options and from commas, each value once", () => {
    expect(read("p", "--target", "a,b", "--target", "c", "--target=a").list("target")).to.deep.equal(["a", "b", "c"]);
  });

  it("has defaults for what is not there", () => {
    const given = read("p");
    expect([given.text("out"), given.flag("json"), given.list("target")]).to.deep.equal([undefined, false, []]);
  });

  it("takes everything behind -- as it is", () => {
    expect(read("--", "--out").positionals).to.deep.equal(["--out"]);
  });

  it("is help as soon as help is asked for, whatever is wrong beside it", () => {
    expect(readCommandLine(command, ["--help"]).kind).to.equal("help");
    expect(readCommandLine(command, ["p", "-h"]).kind).to.equal("help");
  });

  it("throws when a command asks for an option that it does not have", () => {
    expect(() => read("p").flag("target")).to.throw("no flag option target");
  });

  const refused: readonly (readonly [readonly string[], string])[] = [
    [["p", "--taget", "x"], "no option --taget (did you mean --target?)"],
    [["p", "-t"], "no option -t"],
    [["p", "--out"], "--out needs a value"],
    [["p", "--out="], "--out needs a value"],
    [["p", "--out", "a", "--out", "b"], "--out is given twice"],
    [["p", "--json=yes"], '--json is a switch and takes no value, but "yes" was given'],
    [["p", "--family", "ipv5"], '--family cannot be "ipv5" (did you mean "ipv4" or "ipv6"?)'],
    [[], "compile needs <policy> (the policy)"],
    [["p", "q"], 'compile does not know what to do with "q"'],
  ];
  for (const [words, message] of refused) {
    it(`is refused: compile ${words.join(" ")}`, () => {
      expect(problems(...words)).to.contain(message);
    });
  }

  it("tells of every wrong option at once", () => {
    expect(problems("p", "--taget", "x", "--family", "ipv5").match(/error:/g)).to.have.lengthOf(2);
  });
});

function read(...words: readonly string[]) {
  const line = readCommandLine(command, words);
  if (line.kind !== "run") throw new Error(line.kind === "wrong" ? renderDiagnostics(line.diagnostics) : line.kind);
  return line.given;
}

function problems(...words: readonly string[]): string {
  const line = readCommandLine(command, words);
  return line.kind === "wrong" ? renderDiagnostics(line.diagnostics) : line.kind;
}
