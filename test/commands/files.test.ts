import { expect } from "chai";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readTextFile, shownPath } from "../../src/commands/files.js";
import { folderWith } from "../support/command.js";

describe("reading a file", () => {
  let folder: ReturnType<typeof folderWith>;
  before(() => {
    folder = folderWith({ "policy.yaml": "a: ä\n", "bom.yaml": "\ufeffa\n" });
    writeFileSync(
      join(folder.path, "little.txt"),
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("a: ä", "utf16le")]),
    );
    writeFileSync(join(folder.path, "big.txt"), Buffer.from([0xfe, 0xff, 0, 0x61]));
    writeFileSync(join(folder.path, "words.pol"), Buffer.from("\u0001\u0000[Software\u0000\ud800]", "utf16le"));
    writeFileSync(join(folder.path, "latin.txt"), Buffer.from([0x61, 0xe4]));
    mkdirSync(join(folder.path, "folder"));
    writeFileSync(join(folder.path, "folder/policy.yml"), "");
  });
  after(() => folder.remove());

  it("takes UTF-8, and UTF-16 as Windows PowerShell redirects it", () => {
    expect(text("policy.yaml")).to.equal("a: ä\n");
    expect(text("little.txt")).to.equal("a: ä");
    expect(text("big.txt")).to.equal("a");
    expect(text("words.pol")).to.equal("\u0001\u0000[Software\u0000\ud800]");
    expect(text("latin.txt")).to.equal("a\ufffd");
  });

  it("keeps the byte order mark of UTF-8: every byte of a base configuration is somebody's", () => {
    expect(text("bom.yaml")).to.equal("\ufeffa\n");
  });

  it("digests the bytes, not the text", () => {
    const [bytes, same] = [read("latin.txt"), read("latin.txt")];
    expect(bytes.ok && bytes.sha256).to.match(/^[0-9a-f]{64}$/);
    expect(bytes.ok && same.ok && bytes.sha256 === same.sha256).to.equal(true);
  });

  it("says what is wrong and what is near", () => {
    expect(problem("polcy.yaml")).to.contain("cannot read polcy.yaml: there is no such file");
    expect(problem("polcy.yaml")).to.contain("there is policy.yaml beside it");
    expect(problem("nowhere/policy.yaml")).to.contain("there is no folder");
    expect(problem("folder")).to.contain("it is a folder").and.to.contain("such as policy.yml");
    expect(problem("policy.yaml/x")).to.contain("a part of the path is a file");
  });

  function read(path: string) {
    return readTextFile(path, { from: folder.path });
  }

  function text(path: string): string {
    const reading = read(path);
    if (!reading.ok) throw new Error(reading.diagnostic.message);
    return reading.source.text;
  }

  function problem(path: string): string {
    const reading = read(path);
    return reading.ok ? "" : `${reading.diagnostic.message}\n${reading.diagnostic.help ?? ""}`;
  }
});

describe("a path in a message", () => {
  it("is relative, unless that would climb two folders or more", () => {
    expect(shownPath("/a/b", "/a/b/c")).to.equal("c");
    expect(shownPath("/a/b", "/a/c")).to.equal("../c");
    expect(shownPath("/a/b", "/c/d")).to.equal("/c/d");
    expect(shownPath("/a/b", "/a/b")).to.equal(".");
  });
});
