import { Ajv } from "ajv";
import { expect } from "chai";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import type { Lock, LockedFeed, LockedFile } from "../../src/feeds/index.js";
import { feedInLock, lockText, lockWith, noLock, readLock } from "../../src/feeds/index.js";
import { sha256 } from "../../src/library/files.js";
import { lockedFeed } from "../../src/library/lock.js";
import { readerOf } from "../../src/library/files.js";
import { command } from "../../src/commands/feeds-update.js";
import { readWords } from "../support/command.js";
import { runs } from "../support/runs.js";

const azure: LockedFeed = {
  kind: "azure",
  cloud: "Public",
  version: "375",
  file: "feeds/ServiceTags_Public.json",
  sha256: "9cb4e5f9371cec1297b05a6f5d742768921a28bd854a3a9cbd80673a6399dc40",
  source: "https://download.microsoft.com/download/ServiceTags_Public_20251028.json",
  fetched: "2025-11-03T06:00:12Z",
};
const china: LockedFeed = { ...azure, cloud: "China", file: "feeds/ServiceTags_China.json" };
const office: LockedFeed = {
  kind: "office365",
  instance: "Worldwide",
  version: "2026110100",
  file: "feeds/o365-endpoints-worldwide.json",
  sha256: azure.sha256,
  source: "https://endpoints.office.com/endpoints/Worldwide",
  fetched: "2026-11-03T06:00:12Z",
  changes: { file: "feeds/o365-changes-worldwide.json", sha256: azure.sha256, source: "file:changes.json" },
};
const both = lockOf({ office365: office, azure });

describe("a lock", () => {
  it("is written with its feeds by name and its keys in one order, and ends with a line end", () => {
    expect(lockText(both)).to.equal(`{
  "version": 1,
  "feeds": {
    "azure": {
      "kind": "azure",
      "cloud": "Public",
      "version": "375",
      "file": "feeds/ServiceTags_Public.json",
      "sha256": "${azure.sha256}",
      "source": "https://download.microsoft.com/download/ServiceTags_Public_20251028.json",
      "fetched": "2025-11-03T06:00:12Z"
    },
    "office365": {
      "kind": "office365",
      "instance": "Worldwide",
      "version": "2026110100",
      "file": "feeds/o365-endpoints-worldwide.json",
      "sha256": "${azure.sha256}",
      "source": "https://endpoints.office.com/endpoints/Worldwide",
      "fetched": "2026-11-03T06:00:12Z",
      "changes": {
        "file": "feeds/o365-changes-worldwide.json",
        "sha256": "${azure.sha256}",
        "source": "file:changes.json"
      }
    }
  }
}
`);
  });

  const schema = JSON.parse(readFileSync(new URL("../../schemas/lock.schema.json", import.meta.url), "utf8")) as object;
  const fits = new Ajv({ allErrors: true }).compile(schema);

  it("reads as it was written, and has the shape of its schema", () => {
    fc.assert(
      fc.property(locks(), (lock) => {
        const text = lockText(lock);
        expect(readLock({ path: "l", text })).to.deep.equal({ ok: true, lock });
        expect(fits(JSON.parse(text)), JSON.stringify(fits.errors)).to.equal(true);
      }),
      runs(100),
    );
  });

  it("is shown in the documentation as it is, beside command lines that work", () => {
    const docs = readFileSync(new URL("../../docs/feed-lock.md", import.meta.url), "utf8");
    const [, example = ""] = /```json\n([^]*?)```/.exec(docs)!;
    const read = readLock({ path: "feed-lock.md", text: example });
    expect(read.ok && lockText(read.lock)).to.equal(example);
    expect(fits(JSON.parse(example))).to.equal(true);
    const lines = [...docs.matchAll(/^ringwall feeds update([^#\n]*)/gm)].map(([, words]) =>
      words!.trim().split(/\s+/),
    );
    expect(lines).to.have.lengthOf(9);
    for (const words of lines) {
      expect(
        readWords(
          command,
          words.filter((word) => word !== ""),
        ).kind,
        words.join(" "),
      ).to.equal("run");
    }
  });

  it("may have Windows line ends and a byte order mark, which editors add", () => {
    expect(readLock({ path: "l", text: `\ufeff${lockText(both).replaceAll("\n", "\r\n")}` }).ok).to.equal(true);
  });

  const text = lockText(lockOf({ azure }));
  const conflict = `${text.slice(0, 100)}\n<<<<<<< HEAD\n${text.slice(100)}`;
  for (const [what, broken, why] of [
    ["no JSON", text.slice(0, 200), "it is not well-formed JSON here"],
    ["both sides of a merge", conflict, "it holds both sides of a merge"],
    ["a list", "[]", "it is not a JSON object"],
    ["no version", "{}", "its version is missing, and this release reads 1"],
    ["a version to come", text.replace('"version": 1', '"version": 2'), "its version is 2, and this release reads 1"],
    ["a strange key", text.replace('"version": 1', '"version": 1, "x": 1'), 'it has no key "x"'],
    ["a strange key in a feed", text.replace('"cloud"', '"x": 1, "cloud"'), 'the feed "azure" has no key "x"'],
    ["a name that is none", text.replace('"azure": {', '"../azure": {'), '"../azure" is no name of a feed'],
    ["a kind that is none", text.replace('"kind": "azure"', '"kind": "gcp"'), "neither azure nor office365"],
    ["a path that climbs", text.replace("feeds/S", "feeds/../../S"), "no path below the lock's folder"],
    ["a path from the root", text.replace("feeds/S", "/S"), "no path below the lock's folder"],
    ["a path of Windows", text.replace("feeds/S", "C:S"), "no path below the lock's folder"],
    ["a path with a backslash", text.replace("feeds/S", "feeds\\\\S"), "no path below the lock's folder"],
    ["a path into Git's own data", text.replace("feeds/S", ".Git/S"), "no path below the lock's folder"],
    [
      "half a digest",
      text.replace(azure.sha256, azure.sha256.slice(32)),
      'has a "sha256" that is not 64 hexadecimal digits',
    ],
    ["a version that is no number", text.replace('"375"', '"new"'), 'has a "version" that is no change number'],
    ["a time that is none", text.replace("2025-11-03T06", "yesterday"), 'has a "fetched" that is no time'],
    [
      "a tag with a line end",
      text.replace('"fetched"', '"etag": "\\"a\\n\\"", "fetched"'),
      'has an "etag" that is no entity tag',
    ],
    [
      "the same file twice",
      lockText(lockOf({ azure, b: { ...china, file: azure.file.toUpperCase() } })),
      "have the same file",
    ],
  ] as const) {
    it(`with ${what} is refused`, () => {
      const read = readLock({ path: "ringwall.lock.json", text: broken });
      expect(read.ok ? "" : `${read.diagnostic.code} ${read.diagnostic.message}`)
        .to.include("RW5006 ringwall.lock.json is not a lock file: ")
        .and.include(why);
    });
  }

  it("of any text at all is a lock or a diagnostic", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), cutting(text)), (any) => {
        expect(readLock({ path: "l", text: any })).to.have.property("ok");
      }),
      runs(300),
    );
  });

  it("names the feed of a kind: by its name, by the kind's name, or as the only one", () => {
    const chosen = (lock: Lock, kind: LockedFeed["kind"], name?: string): string => {
      const found = feedInLock(lock, { kind, name });
      return "code" in found ? `${found.message} / ${found.help}` : found.name;
    };
    expect(chosen(lockOf({ azure, "azure-china": china }), "azure")).to.equal("azure");
    expect(chosen(lockOf({ azure, "azure-china": china }), "azure", "azure-china")).to.equal("azure-china");
    expect(chosen(lockOf({ "azure-china": china }), "azure")).to.equal("azure-china");
    expect(chosen(lockOf({ a: azure, b: china }), "azure")).to.equal(
      "the lock has 2 feeds of kind azure, and nothing says which / name one: a, b",
    );
    expect(chosen(lockOf({ azure }), "azure", "azuer")).to.match(
      /no feed "azuer"; did you mean "azure"\?|no feed "azuer"/,
    );
    expect(chosen(noLock, "office365")).to.equal(
      "the lock has no feed of kind office365 / ringwall feeds update office365 adds one",
    );
    expect(chosen(lockOf({ azure: office }), "azure")).to.include("the lock has no feed of kind azure");
  });

  it("gives the library the text of a feed, and no other bytes", () => {
    const digest = sha256("{}");
    const lock = lockOf({ azure: { ...azure, sha256: digest } });
    const read = lockedFeed(lock, { kind: "azure" }, readerOf({ [azure.file]: "{}" }));
    expect(read.ok && [read.name, read.text.source.text, read.text.sha256]).to.deep.equal(["azure", "{}", digest]);
    const changed = lockedFeed(lock, { kind: "azure" }, readerOf({ [azure.file]: "{} " }));
    expect(changed.ok ? "" : changed.diagnostic.code).to.equal("RW5007");
    const gone = lockedFeed(lock, { kind: "azure" }, readerOf({}));
    expect(gone.ok ? "" : gone.diagnostic.code).to.equal("RW1003");
  });
});

function lockOf(feeds: Readonly<Record<string, LockedFeed>>): Lock {
  return Object.entries(feeds).reduce((lock, [name, feed]) => lockWith(lock, name, feed), noLock);
}

function locks(): fc.Arbitrary<Lock> {
  const part = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
  const file: fc.Arbitrary<LockedFile> = fc.record(
    {
      file: fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
      sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
      source: fc.string({ minLength: 1 }),
      etag: fc.stringMatching(/^"[a-zA-Z0-9/+:-]{0,20}"$/),
    },
    { requiredKeys: ["file", "sha256", "source"] },
  );
  const fetched = fc.constant("2026-11-23T12:00:00Z");
  const feed: fc.Arbitrary<LockedFeed> = fc.oneof(
    fc
      .record({ own: file, cloud: fc.string({ minLength: 1 }), version: fc.nat().map(String), fetched })
      .map(({ own, ...rest }): LockedFeed => ({ kind: "azure", ...rest, ...own })),
    fc
      .record({ own: file, changes: fc.option(file), instance: part, version: fc.stringMatching(/^\d{10}$/), fetched })
      .map(({ own, changes, ...rest }): LockedFeed => ({
        kind: "office365",
        ...rest,
        ...own,
        ...(changes !== null && { changes }),
      })),
  );
  return fc.dictionary(fc.stringMatching(/^[A-Za-z][a-z0-9.-]{0,8}$/), feed).map((feeds) => {
    // Every file is of one feed.
    const own = (name: string, one: LockedFile): LockedFile => ({ ...one, file: `${name.toLowerCase()}/${one.file}` });
    const names = Object.keys(feeds).filter(
      (name, i, all) => all.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === i,
    );
    return lockOf(
      Object.fromEntries(
        names.map((name) => {
          const one = feeds[name]!;
          const moved = { ...one, ...own(name, one) };
          return [
            name,
            moved.kind === "office365" && moved.changes !== undefined
              ? { ...moved, changes: own(`${name}-changes`, moved.changes) }
              : moved,
          ];
        }),
      ),
    );
  });
}

function cutting(text: string): fc.Arbitrary<string> {
  return fc.tuple(fc.nat(text.length), fc.nat(text.length), fc.string()).map(([a, b, put]) => {
    const [from, to] = a < b ? [a, b] : [b, a];
    return text.slice(0, from) + put + text.slice(to);
  });
}
