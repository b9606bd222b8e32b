import { expect } from "chai";
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../src/commands/run.js";
import { folderWith, keptIo } from "../support/command.js";
import type { Ran } from "../support/command.js";
import { serviceTags } from "../support/microsoft.js";

const policy = `version: 1
name: locked
feeds:
  azure: { file: ../feeds/ServiceTags_Public.json }
networks:
  files: { azure: { tags: [Storage.WestEurope] } }
rules:
  - name: block-smb
    deny: tcp/445
    except: [{ to: files, direction: outbound, reason: files }]
targets:
  nftables: { outside: [wan0] }
`;

describe("a policy whose feed is locked", () => {
  let folder: ReturnType<typeof folderWith>;
  beforeEach(async () => {
    folder = folderWith({ ".git": "", "edge/policy.yaml": policy, "tags.json": serviceTags(10) });
    expect((await ringwall("feeds", "update", "azure", "--file", "tags.json")).exit).to.equal(0);
  });
  afterEach(() => folder.remove());

  it("compiles with the locked bytes", async () => {
    expect((await ringwall("compile", "edge/policy.yaml")).exit).to.equal(0);
  });

  for (const [name, words] of [
    ["compile", ["compile", "edge/policy.yaml"]],
    ["compile --check", ["compile", "edge/policy.yaml", "--check"]],
    [
      "explain",
      ["explain", "edge/policy.yaml", "--packet", "tcp 10.0.0.1 > 198.51.100.1:445", "--direction", "outbound"],
    ],
    ["diff", ["diff", "edge/policy.yaml", "edge/policy.yaml"]],
  ] as const) {
    it(`is refused by ${name} with other bytes, at the place that names the feed`, async () => {
      writeFileSync(feed(), serviceTags(10).replace("198.51.100.0/24", "0.0.0.0/0"));
      const ran = await ringwall(...words);
      expect(ran.exit).to.equal(2);
      expect(ran.stderr).to.match(
        /edge\/policy\.yaml:4:\d+: error: feeds\/ServiceTags_Public\.json is not the file that ringwall\.lock\.json names: .* \[RW5007\]/,
      );
    });
  }

  it("is held to the lock through links, too", async () => {
    renameSync(join(folder.path, "feeds"), join(folder.path, "data"));
    symlinkSync("data", join(folder.path, "feeds"));
    expect((await ringwall("compile", "edge/policy.yaml")).exit).to.equal(0);
    writeFileSync(join(folder.path, "data/ServiceTags_Public.json"), serviceTags(11));
    expect((await ringwall("compile", "edge/policy.yaml")).stderr).to.include("RW5007");
  });

  it("is refused when the lock cannot be read, because nobody knows then", async () => {
    const lock = join(folder.path, "ringwall.lock.json");
    writeFileSync(lock, `${readFileSync(lock, "utf8")}}`);
    const ran = await ringwall("compile", "edge/policy.yaml");
    expect(ran.exit).to.equal(2);
    expect(ran.stderr)
      .to.include("ringwall.lock.json is not a lock file: it is not well-formed JSON here [RW5006]")
      .and.include("so that nobody knows what ../feeds/ServiceTags_Public.json has to be");
  });

  it("needs no lock for a feed that the lock does not name", async () => {
    mkdirSync(join(folder.path, "other"));
    writeFileSync(join(folder.path, "other/tags.json"), serviceTags(3));
    writeFileSync(join(folder.path, "edge/policy.yaml"), policy.replace("feeds/ServiceTags_Public", "other/tags"));
    expect((await ringwall("compile", "edge/policy.yaml")).exit).to.equal(0);
  });

  it("is not held to a lock outside of its repository", async () => {
    mkdirSync(join(folder.path, "edge/.git"));
    writeFileSync(feed(), serviceTags(11));
    expect((await ringwall("compile", "edge/policy.yaml")).exit).to.equal(0);
  });

  function feed(): string {
    return join(folder.path, "feeds/ServiceTags_Public.json");
  }

  async function ringwall(...words: string[]): Promise<Ran> {
    const io = keptIo(folder.path, { XDG_STATE_HOME: join(folder.path, "state") });
    const exit = await run(words, io);
    return { exit, ...io.kept };
  }
});
