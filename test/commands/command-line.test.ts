import { expect } from "chai";
import type { Command } from "../../src/commands/command.js";
import { renderDiagnostics } from "../../src/report/index.js";
import { readWords } from "../support/command.js";

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
    { name: "no-proof", kind: "flag", about: "without a proof" },
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
    expect(read("--json", "--", "--help").positionals).to.deep.equal(["--help"]);
    expect(problems("p", "--", "--out")).to.contain('compile does not know what to do with "--out"');
  });

  it("keeps what looks like a number, a date or a yes as it was written", () => {
    const given = read("007", "--out", "1e3", "--target", "0x10,-1", "--target", "true");
    expect(given.positionals).to.deep.equal(["007"]);
    expect(read("--", "12").positionals).to.deep.equal(["12"]);
    expect(given.text("out")).to.equal("1e3");
    expect(given.list("target")).to.deep.equal(["0x10", "-1", "true"]);
    expect(problems("p", "--json", "false")).to.contain('compile does not know what to do with "false"');
  });

  it("has no second spelling of an option", () => {
    expect(read("p", "--no-proof").flag("no-proof")).to.equal(true);
    for (const word of ["--proof", "--noProof", "--no-json", "--out.x", "-out", "-j", "--Json", "--policy", "-5x"])
      expect(problems("p", word, "x"), word).to.contain(`compile has no option ${word}`);
    for (const word of [
      "--constructor",
      "--__proto__",
      "--toString",
      "--help-",
      "--_",
      "--$0",
      "--get-yargs-completions",
    ])
      expect(problems("p", word, "x"), word).to.contain(`compile has no option ${word}`);
  });

  it("does not depend on the language, the terminal or the arguments of the process", () => {
    const { LANG, LC_ALL } = process.env;
    Object.assign(process.env, { LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" });
    try {
      const line = readWords(command, ["--help"]);
      expect(line.kind === "answer" && line.text)
        .to.contain("Options:")
        .and.to.contain("show this help");
      expect(problems("p", "--family", "ipv5")).to.contain('--family cannot be "ipv5"');
    } finally {
      for (const [name, value] of Object.entries({ LANG, LC_ALL }))
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
    }
  });

  it("leaves the environment as it was", () => {
    const { SHELL } = process.env;
    try {
      process.env["SHELL"] = "/bin/some-shell";
      const before = { ...process.env };
      read("p");
      expect({ ...process.env }).to.deep.equal(before);
    } finally {
      if (SHELL === undefined) delete process.env["SHELL"];
      else process.env["SHELL"] = SHELL;
    }
  });

  it("is help as soon as help is asked for, whatever is wrong beside it", () => {
    expect(readWords(command, ["--help"]).kind).to.equal("answer");
    expect(readWords(command, ["p", "-h"]).kind).to.equal("answer");
  });

  it("throws when a command asks for an option that it does not have", () => {
    expect(() => read("p").flag("target")).to.throw("no flag option target");
  });

  const refused: readonly (readonly [readonly string[], string])[] = [
    [["p", "--taget", "x"], "no option --taget (did you mean --target?)"],
    [["p", "-t"], "no option -t"],
    [["p", "-json"], "no option -json (did you mean --json?)"],
    [["--policy", "p"], "no option --policy"],
    [["p", "--policy=q"], "no option --policy"],
    [["p", "--out", "--json"], "--out needs a value"],
    [["p", "--target", "a", "--target"], "--target needs a value"],
    [["p", "--target", ","], "--target needs a value"],
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
    const told = problems("p", "--taget", "x", "--family", "ipv5", "--out", "--jsno", "-x", "--target=");
    expect(told.match(/error:/g)).to.have.lengthOf(6);
    expect(told.match(/= help: /g)).to.have.lengthOf(6);
  });
});

function read(...words: readonly string[]) {
  const line = readWords(command, words);
  if (line.kind !== "run") throw new Error(line.kind === "wrong" ? renderDiagnostics(line.diagnostics) : line.kind);
  return line.given;
}

function problems(...words: readonly string[]): string {
  const line = readWords(command, words);
  return line.kind === "wrong" ? renderDiagnostics(line.diagnostics) : line.kind;
}
