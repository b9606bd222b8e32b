import { expect } from "chai";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Change, OutputFile } from "../../src/commands/output.js";
import { isOurs, planOutput, writeOutput } from "../../src/commands/output.js";
import { folderWith } from "../support/command.js";

const ours = "# Edge policy e, written by ringwall 0.1.0. Change the policy, not this file.\n";

describe("writing an output folder", () => {
  let folder: ReturnType<typeof folderWith>;
  beforeEach(() => (folder = folderWith({})));
  afterEach(() => folder.remove());

  it("creates what is missing and leaves what is right", () => {
    expect(write(file("a/one.conf", "1"))).to.deep.equal(["created a/one.conf"]);
    expect(write(file("a/one.conf", "1"), file("a/two.conf", "2"))).to.deep.equal([
      "unchanged a/one.conf",
      "created a/two.conf",
    ]);
    expect(write(file("a/one.conf", "3"))).to.deep.equal(["updated a/one.conf"]);
    expect(text("a/one.conf")).to.equal("3");
  });

  it("makes scripts executable, and notices when one is not", () => {
    write({ ...file("a/apply.sh", "1"), executable: true });
    expect(lstatSync(join(folder.path, "a/apply.sh")).mode & 0o100).to.equal(0o100);
    chmodSync(join(folder.path, "a/apply.sh"), 0o644);
    expect(plan([{ ...file("a/apply.sh", "1"), executable: true }]).map((one) => one.kind)).to.deep.equal(["updated"]);
  });

  it("removes files of an earlier run and no others", () => {
    write(file("a/old.conf", ours), file("a/sub/older.conf", ours));
    writeFileSync(join(folder.path, "a/mine.conf"), "by hand\n");
    mkdirSync(join(folder.path, "b"));
    writeFileSync(join(folder.path, "b/elsewhere.conf"), ours);
    expect(write(file("a/new.conf", ours))).to.deep.equal([
      "created a/new.conf",
      "removed a/old.conf",
      "removed a/sub/older.conf",
    ]);
    expect(existsSync(join(folder.path, "a/mine.conf"))).to.equal(true);
    expect(existsSync(join(folder.path, "b/elsewhere.conf"))).to.equal(true);
  });

  it("writes 16-bit words where a file is made of them, and knows its own again", () => {
    const words: OutputFile = { ...file("a/registry.pol", "PReg\u0001\u0000\ud800"), encoding: "utf16le" };
    expect(write(words)).to.deep.equal(["created a/registry.pol"]);
    expect(readFileSync(join(folder.path, "a/registry.pol")).toString("hex")).to.equal("50005200650067000100000000d8");
    expect(write(words)).to.deep.equal(["unchanged a/registry.pol"]);
  });

  it("names the file that cannot be written, not the one that was written beside it", () => {
    mkdirSync(join(folder.path, "taken"));
    const problem = writeOutput(folder.path, [{ kind: "created", file: file("taken", "1") }], folder.path);
    expect(problem?.message).to.equal("cannot write taken: there is a folder of that name");
    expect(readdirSync(folder.path)).to.deep.equal(["taken"]);
  });

  it("leaves nothing half-written when one file cannot be written", () => {
    writeFileSync(join(folder.path, "b"), "a file where a folder should be\n");
    write(file("a/one.conf", "1"));
    const changes: Change[] = [
      { kind: "updated", file: file("a/one.conf", "2"), before: "1", bytes: Buffer.from("1"), modeOnly: false },
      { kind: "created", file: file("c/d/new.conf", "2") },
      { kind: "created", file: file("b/two.conf", "2") },
    ];
    const problem = writeOutput(folder.path, changes, folder.path);
    expect(problem?.code).to.equal("RW1009");
    expect(problem?.message).to.equal("cannot write b: a part of the path is a file, not a folder");
    expect(text("a/one.conf")).to.equal("1");
    expect(readdirSync(folder.path, { recursive: true }).sort()).to.deep.equal(["a", "a/one.conf", "b"]);
  });

  it("takes back what has its place already when a later file cannot take its own", () => {
    write(file("a/one.conf", "1"));
    const changes: Change[] = [
      { kind: "updated", file: file("a/one.conf", "2"), before: "1", bytes: Buffer.from("1"), modeOnly: false },
      { kind: "created", file: file("a/new.conf", "2") },
      { kind: "removed", path: "a/not-there.conf", bytes: Buffer.of() },
    ];
    expect(writeOutput(folder.path, changes, folder.path)?.code).to.equal("RW1009");
    expect(text("a/one.conf")).to.equal("1");
    expect(readdirSync(join(folder.path, "a"))).to.deep.equal(["one.conf"]);
  });

  it("does not follow a symbolic link out of the output folder", () => {
    const elsewhere = folderWith({ "precious.conf": "keep\n" });
    symlinkSync(elsewhere.path, join(folder.path, "a"));
    const through = planOutput(folder.path, [file("a/precious.conf", "x")], ["a"], folder.path);
    expect(through.ok ? "" : through.diagnostic.message).to.contain("a: it is a symbolic link");
    mkdirSync(join(folder.path, "b"));
    symlinkSync(join(elsewhere.path, "precious.conf"), join(folder.path, "b/one.conf"));
    const onto = planOutput(folder.path, [file("b/one.conf", "x")], [], folder.path);
    expect(onto.ok ? "" : onto.diagnostic.message).to.contain("b/one.conf: it is a symbolic link");
    elsewhere.remove();
  });

  it("refuses a path that leads out of the folder", () => {
    for (const path of ["../x", "a/../../x", "/x", "a//x", "./x"]) {
      expect(() => plan([file(path, "")]), path).to.throw();
    }
  });

  it("says so when a folder stands where a file should be", () => {
    mkdirSync(join(folder.path, "a/one.conf"), { recursive: true });
    const planned = planOutput(folder.path, [file("a/one.conf", "x")], [], folder.path);
    expect(planned.ok ? "" : planned.diagnostic.message).to.equal(
      "cannot write a/one.conf: there is a folder of that name",
    );
  });

  function plan(files: readonly OutputFile[]): readonly Change[] {
    const planned = planOutput(folder.path, files, ["a"], folder.path);
    if (!planned.ok) throw new Error(planned.diagnostic.message);
    return planned.changes;
  }

  function write(...files: readonly OutputFile[]): string[] {
    const changes = plan(files);
    expect(writeOutput(folder.path, changes, folder.path)).to.equal(undefined);
    return changes.map((change) => `${change.kind} ${change.kind === "removed" ? change.path : change.file.path}`);
  }

  function text(path: string): string {
    return readFileSync(join(folder.path, path), "utf8");
  }
});

describe("a file of ours", () => {
  it("says so in its first lines", () => {
    expect(isOurs(ours)).to.equal(true);
    expect(isOurs(`${"x".repeat(5000)}${ours}`)).to.equal(false);
    expect(isOurs("# written by hand\n")).to.equal(false);
  });
});

function file(path: string, text: string): OutputFile {
  return { path, text, executable: false };
}
