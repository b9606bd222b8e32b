import { expect } from "chai";
import { createHash } from "node:crypto";
import {
  closeSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import type { World } from "../../src/commands/feeds-update.js";
import { command, runFeedsUpdate } from "../../src/commands/feeds-update.js";
import { readLock } from "../../src/feeds/index.js";
import type { Lock } from "../../src/feeds/index.js";
import type { Io } from "../../src/commands/io.js";
import { folderWith, keptIo, readWords } from "../support/command.js";
import type { Ran } from "../support/command.js";
import type { Microsoft, Reply } from "../support/microsoft.js";
import {
  announcing,
  changes,
  cut,
  endless,
  endpoints,
  gzipped,
  hangUp,
  page,
  playMicrosoft,
  raw,
  redirect,
  serviceTags,
  silent,
  stalling,
  status,
  tagged,
  text,
  trickling,
  truncated,
} from "../support/microsoft.js";

describe("ringwall feeds update", () => {
  let microsoft: Microsoft;
  let folder: ReturnType<typeof folderWith>;
  let waited: number[];
  let clock: Date;
  let timeouts: World["timeouts"];

  beforeEach(async () => {
    microsoft = await playMicrosoft();
    folder = folderWith({ "repository/.git": "" });
    waited = [];
    timeouts = { connect: 5_000, idle: 5_000, total: 15_000 };
    clock = new Date("2026-11-23T12:00:00Z");
  });
  afterEach(async () => {
    await microsoft.close();
    folder.remove();
  });

  describe("of Azure", () => {
    const details = "/download/details.aspx";
    const file = "/download/7/1/ServiceTags_Public_20261116.json";

    it("follows the link on the download page, and locks what it finds", async () => {
      publish(serviceTags(10));
      const ran = await update("azure", "--url", `${microsoft.url}${details}?id=56519`);
      expect(ran).to.deep.equal({
        exit: 0,
        stdout: "added  azure (Public)  10  feeds/ServiceTags_Public.json\nwrote 1 feed and ringwall.lock.json\n",
        stderr: "",
      });
      expect(contents("feeds/ServiceTags_Public.json")).to.equal(serviceTags(10));
      expect(JSON.parse(contents("ringwall.lock.json"))).to.deep.equal({
        version: 1,
        feeds: {
          azure: {
            kind: "azure",
            cloud: "Public",
            version: "10",
            file: "feeds/ServiceTags_Public.json",
            sha256: createHash("sha256").update(serviceTags(10)).digest("hex"),
            source: `${microsoft.url}${file}`,
            fetched: "2026-11-23T12:00:00Z",
          },
        },
      });
      expect(microsoft.asked).to.deep.equal([`GET ${details}`, `GET ${file}`]);
    });

    it("replaces a file by a newer one, and says from which to which", async () => {
      await held(10);
      publish(serviceTags(11, { prefixes: ["198.51.100.0/25"] }));
      const ran = await updateAzure();
      expect(ran.stdout).to.equal(
        "updated  azure (Public)  10 -> 11  feeds/ServiceTags_Public.json\nwrote 1 feed and ringwall.lock.json\n",
      );
      expect(lock().feeds.get("azure")!.version).to.equal("11");
    });

    it("puts the new file in the place of the old one at once: who reads the old one goes on reading it", async () => {
      await held(10);
      const reading = openSync(join(repository(), "feeds/ServiceTags_Public.json"), "r");
      const locked = openSync(join(repository(), "ringwall.lock.json"), "r");
      const lockBefore = contents("ringwall.lock.json");
      publish(serviceTags(11));
      await updateAzure();
      expect(readFileSync(reading, "utf8")).to.equal(serviceTags(10));
      expect(readFileSync(locked, "utf8")).to.equal(lockBefore);
      closeSync(reading);
      closeSync(locked);
    });

    it("changes nothing, not even a date, when there is nothing newer", async () => {
      await held(10);
      const before = snapshot();
      clock = new Date("2026-12-01T00:00:00Z");
      const ran = await updateAzure();
      expect(ran.stdout).to.equal("current  azure (Public)  10  feeds/ServiceTags_Public.json\nnothing to write\n");
      expect(snapshot()).to.deep.equal(before);
    });

    it("asks with the entity tag, and does not fetch what it has", async () => {
      microsoft.on(details, page(file));
      microsoft.on(file, tagged(serviceTags(10), '"v10"'));
      await updateAzure();
      expect(lock().feeds.get("azure")!.etag).to.equal('"v10"');
      const ran = await updateAzure();
      expect(microsoft.lastHeaders()["if-none-match"]).to.equal('"v10"');
      expect(ran.stdout).to.match(/^current /);
    });

    it("fetches again what somebody has changed by hand", async () => {
      microsoft.on(details, page(file));
      microsoft.on(file, tagged(serviceTags(10), '"v10"'));
      await updateAzure();
      const before = snapshot();
      writeFileSync(join(repository(), "feeds/ServiceTags_Public.json"), serviceTags(10).replace("198.51", "203.51"));
      const ran = await updateAzure();
      expect(ran.stdout).to.match(/^restored /);
      expect(snapshot()).to.deep.equal(before);
    });

    it("takes the address of a file as well as that of a page", async () => {
      microsoft.on("/mirror/tags.json", text(`\ufeff${serviceTags(10)}`, "application/octet-stream"));
      const ran = await update("azure", "--url", `${microsoft.url}/mirror/tags.json?sig=secret`);
      expect(ran.exit).to.equal(0);
      expect(contents("feeds/ServiceTags_Public.json")).to.equal(`\ufeff${serviceTags(10)}`);
      expect(contents("ringwall.lock.json")).to.include(`${microsoft.url}/mirror/tags.json"`).and.not.include("secret");
    });

    it("takes a file that was downloaded by hand, and reaches no network", async () => {
      writeFileSync(join(repository(), "ServiceTags_China_20261116.json"), serviceTags(5, { cloud: "China" }));
      const ran = await update(
        "azure",
        "--cloud",
        "china",
        "--file",
        "ServiceTags_China_20261116.json",
        "--dir",
        "data",
      );
      expect(ran.stdout).to.match(/^added {2}azure-china \(China\) {2}5 {2}data\/ServiceTags_China\.json\n/);
      expect(lock().feeds.get("azure-china")!.source).to.equal("file:ServiceTags_China_20261116.json");
      expect(microsoft.asked).to.deep.equal([]);
    });

    it("takes no file that is not UTF-8, because a text could not give its bytes again", async () => {
      writeFileSync(join(repository(), "wide.json"), Buffer.from(`\ufeff${serviceTags(5)}`, "utf16le"));
      const ran = await update("azure", "--file", "wide.json");
      expect(ran.exit).to.equal(2);
      expect(ran.stderr).to.include("wide.json is not UTF-8");
    });

    it("unpacks a packed answer", async () => {
      publish(serviceTags(10), gzipped(serviceTags(10)));
      expect((await updateAzure()).exit).to.equal(0);
      expect(contents("feeds/ServiceTags_Public.json")).to.equal(serviceTags(10));
    });

    it("tries again what may pass by itself, each time after longer", async () => {
      publish(serviceTags(10), hangUp, status(500), cut(serviceTags(10)), text(serviceTags(10)));
      expect((await updateAzure()).exit).to.equal(0);
      expect(waited).to.deep.equal([1000, 2000, 4000]);
    });

    it("waits as long as a busy host asks, if that is not long", async () => {
      publish(serviceTags(10), status(429, { "retry-after": "7" }), text(serviceTags(10)));
      expect((await updateAzure()).exit).to.equal(0);
      expect(waited).to.deep.equal([7000]);
    });

    for (const [header, until] of [
      [undefined, "2026-11-23 13:00 UTC"],
      ["1800", "2026-11-23 12:30 UTC"],
      ["Mon, 23 Nov 2026 14:00:00 GMT", "2026-11-23 14:00 UTC"],
    ] as const) {
      it(`leaves a busy host alone until ${until} when it says ${header ?? "nothing"}, also in the next run`, async () => {
        await held(10);
        publish(serviceTags(11), status(429, header === undefined ? {} : { "retry-after": header }));
        const before = snapshot();
        const ran = await updateAzure();
        expect(ran.exit).to.equal(2);
        expect(ran.stderr).to.include(`wants to be left alone until ${until}`);

        microsoft.asked.length = 0;
        publish(serviceTags(11));
        clock = new Date("2026-11-23T12:29:00Z");
        expect((await updateAzure()).stderr).to.include(`wanted to be left alone until ${until}`);
        expect(microsoft.asked).to.deep.equal([]);
        expect(snapshot()).to.deep.equal(before);

        clock = new Date("2026-11-23T14:00:01Z");
        expect((await updateAzure()).exit).to.equal(0);
      });
    }

    describe("leaves files and lock as they are, byte for byte, when", () => {
      const newer = serviceTags(11);
      const sent = { bytes: 0 };
      const stalled = stalling(newer);
      const late: readonly Reply[] = [silent, stalled, trickling];
      const faults: readonly (readonly [string, Reply, RegExp])[] = [
        ["the connection is cut", cut(newer), /the connection was cut before all had come/],
        ["the connection is cut before a word", hangUp, /the connection was cut before all had come/],
        ["the file ends too early", truncated(newer), /the JSON ends in the middle, so the download was cut short/],
        ["a page comes in place of the file", text("<html>Log in</html>", "text/html"), /it is a page \(HTML\)/],
        ["a page comes as if it were JSON", text("<!DOCTYPE html><p>Log in", "application/json"), /a page \(HTML\)/],
        ["the file is served as something else", text(newer, "image/png"), /it is served as image\/png, not as JSON/],
        ["the host is down", status(500), /answers with status 500/],
        ["the file is not there", status(404), /answers with status 404/],
        ["a part of it comes", status(206), /answers with status 206/],
        ["nothing changed of what it never had", status(304), /answers with status 304/],
        ["nothing comes", silent, /nothing came for 0\.15 s/],
        ["the beginning comes, and no more", stalled, /nothing came for 0\.15 s/],
        ["it comes too slowly", trickling, /it takes longer than 0\.4 s/],
        ["it says that it is huge", announcing(65 * 2 ** 20), /it is larger than 64 MiB/],
        ["it is huge", endless(sent), /it is larger than 64 MiB/],
        ["it unpacks to something huge", gzipped(Buffer.alloc(65 * 2 ** 20, " ")), /it is larger than 64 MiB/],
        [
          "it is packed and broken",
          raw(gzipSync(newer).subarray(0, 80), { "content-encoding": "gzip" }),
          /was cut before/,
        ],
        ["it is packed by nobody knows what", raw(Buffer.from("x"), { "content-encoding": "zstd" }), /packed in a way/],
        ["it is not UTF-8", raw(Buffer.from([0x7b, 0xff, 0x7d])), /it is not UTF-8/],
        ["it is no JSON", text("changeNumber=11"), /it is not well-formed JSON here/],
        ["it is empty", text(""), /the file is empty/],
        ["it has another shape", text(endpoints()), /is it the Office 365 endpoints/],
        ["it is of another cloud", text(serviceTags(11, { cloud: "China" })), /it is of the cloud China/],
        ["it has no address", text(serviceTags(11, { prefixes: [] })), /it has no address at all/],
        ["it has an address that is none", text(serviceTags(11, { prefixes: ["10.0.0.1/8"] })), /no strict prefix/],
        ["it is older", text(serviceTags(9)), /what came is version 9, older than 10 \[RW5009\]/],
        ["it redirects in a circle", redirect(file), /it redirects more than 5 times/],
        [
          "it redirects to plain http elsewhere",
          redirect("http://mirror.example/x.json"),
          /redirects to http:\/\/mirror/,
        ],
        ["it redirects to another place of this machine", redirect("http://localhost/x.json"), /it is plain http/],
        ["it redirects to no web address", redirect("file:///etc/passwd"), /it is file: and not https/],
      ];
      for (const [name, reply, said] of faults) {
        it(name, async () => {
          await held(10);
          publish(newer, reply);
          if (late.includes(reply)) timeouts = { connect: 500, idle: 150, total: 400 };
          const before = snapshot();
          const ran = await updateAzure();
          expect(ran.stderr).to.match(said);
          expect(ran.exit).to.equal(2);
          expect(ran.stdout).to.equal("");
          expect(snapshot()).to.deep.equal(before);
        });
      }

      it("(and of something huge takes no more than it must)", () => {
        // What lies in the buffers of the connection was not taken.
        expect(sent.bytes).to.be.within(64 * 2 ** 20, 90 * 2 ** 20);
      });

      const pages: readonly (readonly [string, Reply, RegExp])[] = [
        [
          "the page has no link",
          text("<html>We moved</html>", "text/html"),
          /it has no link to a file ServiceTags_Public_/,
        ],
        [
          "the page links to another cloud",
          page("/x/ServiceTags_China_20261116.json"),
          /file of the cloud China, not Public/,
        ],
        [
          "the link leads elsewhere",
          page("https://evil.example/ServiceTags_Public_20261116.json"),
          /evil\.example: it is neither/,
        ],
        [
          "the link is plain http",
          page("http://download.microsoft.com/ServiceTags_Public_20261116.json"),
          /it is plain http/,
        ],
      ];
      for (const [name, reply, said] of pages) {
        it(name, async () => {
          await held(10);
          microsoft.on(details, reply);
          const before = snapshot();
          const ran = await updateAzure();
          expect(ran.stderr).to.match(said);
          expect(ran.exit).to.equal(2);
          expect(snapshot()).to.deep.equal(before);
        });
      }

      it("one of several feeds fails", async () => {
        await held(10);
        const lockBefore = contents("ringwall.lock.json");
        writeFileSync(join(repository(), "china.json"), serviceTags(5, { cloud: "China" }));
        await update("azure", "--cloud", "china", "--file", "china.json");
        expect(contents("ringwall.lock.json")).to.not.equal(lockBefore);
        const before = snapshot();
        // Without --url it would be Microsoft's own pages; a proxy that is not there keeps the test on this machine.
        const ran = await update({ HTTPS_PROXY: "http://127.0.0.1:9" });
        expect(ran.exit).to.equal(2);
        expect(ran.stderr).to.match(/Azure Public could not be fetched.*Azure China could not be fetched/s);
        expect(snapshot()).to.deep.equal(before);
      });

      it("the lock cannot be written", async () => {
        await held(10);
        publish(newer);
        rmSync(join(repository(), "ringwall.lock.json"));
        const before = snapshot();
        const ran = await update("azure", "--url", `${microsoft.url}${details}`, "--lock", "feeds");
        expect(ran.exit).to.equal(2);
        expect(snapshot()).to.deep.equal(before);
      });

      it("a folder on the way leads elsewhere", async () => {
        await held(10);
        publish(newer);
        renameSync(join(repository(), "feeds"), join(folder.path, "elsewhere"));
        symlinkSync(join(folder.path, "elsewhere"), join(repository(), "feeds"));
        const ran = await updateAzure();
        expect(ran.exit).to.equal(2);
        expect(ran.stderr).to.include("cannot write feeds: it is a symbolic link");
        expect(readFileSync(join(folder.path, "elsewhere/ServiceTags_Public.json"), "utf8")).to.equal(serviceTags(10));
      });

      it("it is only asked whether there is something newer", async () => {
        await held(10);
        publish(newer);
        const before = snapshot();
        const ran = await update("azure", "--url", `${microsoft.url}${details}`, "--check");
        expect(ran.stdout).to.equal(
          "updated  azure (Public)  10 -> 11  feeds/ServiceTags_Public.json\nnothing was written (--check)\n",
        );
        expect(ran.exit).to.equal(1);
        expect(snapshot()).to.deep.equal(before);
      });
    });

    it("goes back when it is told to", async () => {
      await held(10);
      publish(serviceTags(9));
      const ran = await update("azure", "--url", `${microsoft.url}${details}`, "--allow-older");
      expect(ran.stdout).to.match(/^went back {2}azure \(Public\) {2}10 -> 9 /);
      expect(lock().feeds.get("azure")!.version).to.equal("9");
    });

    it("goes back neither behind a file that no lock names yet", async () => {
      folder.remove();
      folder = folderWith({ "repository/.git": "", "repository/feeds/ServiceTags_Public.json": serviceTags(10) });
      publish(serviceTags(9));
      const ran = await updateAzure();
      expect(ran.stderr).to.include("what came is version 9, older than 10");
      publish(serviceTags(10));
      expect((await updateAzure()).stdout).to.match(/^added {2}azure \(Public\) {2}10 /);
    });

    it("takes other bytes under the same version, and says so", async () => {
      await held(10);
      publish(serviceTags(10, { prefixes: ["198.51.100.0/25"] }));
      const ran = await updateAzure();
      expect(ran.exit).to.equal(0);
      expect(ran.stdout).to.match(/^republished {2}azure/);
      expect(ran.stderr).to.match(/warning: azure: other bytes were served under the same version 10 \[RW5010\]/);
    });

    /** The page links to the file, and the file answers so. */
    function publish(newest: string, ...replies: readonly Reply[]): void {
      microsoft.on(details, page(file));
      microsoft.on(file, ...(replies.length > 0 ? replies : [text(newest)]));
    }

    async function held(version: number): Promise<void> {
      publish(serviceTags(version));
      const ran = await updateAzure();
      expect(ran.exit, ran.stderr).to.equal(0);
    }

    function updateAzure(): Promise<Ran> {
      return update("azure", "--url", `${microsoft.url}${details}`);
    }
  });

  describe("of Office 365", () => {
    const version = "/o365/version/Worldwide";
    const endpointsPath = "/o365/endpoints/Worldwide";
    const changesPath = "/o365/changes/Worldwide/0000000000";

    it("asks for the version, then for endpoints and changes, under one number", async () => {
      publish("2026110100");
      const ran = await updateOffice();
      expect(ran.stdout).to.equal(
        "added  office365 (Worldwide)  2026110100  feeds/o365-endpoints-worldwide.json\nwrote 1 feed and ringwall.lock.json\n",
      );
      expect(microsoft.asked).to.deep.equal([`GET ${version}`, `GET ${endpointsPath}`, `GET ${changesPath}`]);
      expect(contents("feeds/o365-endpoints-worldwide.json")).to.equal(
        `{ "version": "2026110100", "instance": "Worldwide", "endpoints": ${endpoints()} }\n`,
      );
      expect(contents("feeds/o365-changes-worldwide.json")).to.equal(changes());
      const feed = lock().feeds.get("office365")!;
      expect(feed).to.include({ version: "2026110100", source: `${microsoft.url}${endpointsPath}` });
      const { client } = JSON.parse(contents("../state/ringwall/feeds.json")) as { client: string };
      expect(client).to.match(/^[0-9a-f-]{36}$/);
      expect(JSON.stringify(Object.values(snapshot()))).to.not.include(client);
    });

    it("asks for the version once an hour at most, and keeps its number", async () => {
      publish("2026110100");
      await updateOffice();
      const before = contents("../state/ringwall/feeds.json");
      microsoft.asked.length = 0;

      clock = new Date("2026-11-23T12:59:59Z");
      expect((await updateOffice()).stdout).to.match(/^current /);
      expect(microsoft.asked).to.deep.equal([]);

      clock = new Date("2026-11-23T13:00:01Z");
      expect((await updateOffice()).stdout).to.match(/^current /);
      expect(microsoft.asked).to.deep.equal([`GET ${version}`]);
      expect(clientOf(contents("../state/ringwall/feeds.json"))).to.equal(clientOf(before));
    });

    it("fetches again when the version is another one", async () => {
      publish("2026110100");
      await updateOffice();
      clock = new Date("2026-12-23T13:00:01Z");
      publish("2026120100", "198.51.100.0/26");
      const ran = await updateOffice();
      expect(ran.stdout).to.match(/^updated {2}office365 \(Worldwide\) {2}2026110100 -> 2026120100 /);
    });

    it("takes a file with the version in its name", async () => {
      microsoft.on("/o365-endpoints-worldwide-2026110100.json", text(endpoints()));
      const ran = await update("office365", "--url", `${microsoft.url}/o365-endpoints-worldwide-2026110100.json`);
      expect(ran.exit, ran.stderr).to.equal(0);
      expect(lock().feeds.get("office365")!.version).to.equal("2026110100");
      expect(contents("feeds/o365-endpoints-worldwide.json")).to.match(/^{ "version": "2026110100"/);
    });

    describe("leaves files and lock as they are, byte for byte, when", () => {
      const faults: readonly (readonly [string, string, Reply, RegExp])[] = [
        [
          "the version is no version",
          version,
          text('{"instance":"Worldwide","latest":"new"}'),
          /"latest" is no version/,
        ],
        [
          "the version is of another instance",
          version,
          text('{"instance":"China","latest":"2026120100"}'),
          /not about Worldwide/,
        ],
        ["the version is a page", version, text("<html>", "text/html"), /it is a page/],
        [
          "the version is older",
          version,
          text('{"instance":"Worldwide","latest":"2026100100"}'),
          /older than 2026110100/,
        ],
        ["the service is busy", endpointsPath, status(429), /left alone until 2026-12-23 13:00 UTC/],
        ["the endpoints are cut", endpointsPath, cut(endpoints()), /was cut before all had come/],
        ["the endpoints are service tags", endpointsPath, text(serviceTags(1)), /Azure service tags/],
        ["the endpoints are none", endpointsPath, text("[]"), /it has no address at all/],
        ["the changes do not come", changesPath, status(503), /answers with status 503/],
        ["the changes are none", changesPath, text('{"error":"later"}'), /it is not a list/],
        ["a change is none", changesPath, text('[{"id":"7"}]'), /entry 0 lacks one of "id"/],
      ];
      for (const [name, path, reply, said] of faults) {
        it(name, async () => {
          publish("2026110100");
          await updateOffice();
          const before = snapshot();
          clock = new Date("2026-12-23T12:00:00Z");
          publish("2026120100", "198.51.100.0/26");
          microsoft.on(path, reply);
          const ran = await updateOffice();
          expect(ran.stderr).to.match(said);
          expect(ran.exit).to.equal(2);
          expect(snapshot()).to.deep.equal(before);
        });
      }
    });

    it("goes on when the machine has no place to remember, and says so", async () => {
      publish("2026110100");
      const ran = await update({ XDG_STATE_HOME: undefined }, "office365", "--url", `${microsoft.url}/o365`);
      expect(ran.exit).to.equal(0);
      expect(ran.stderr).to.include("no place to remember");
    });

    function publish(newest: string, prefix?: string): void {
      microsoft.on(version, text(JSON.stringify({ instance: "Worldwide", latest: newest })));
      microsoft.on(endpointsPath, text(endpoints(prefix)));
      microsoft.on(changesPath, text(changes(newest)));
    }

    function updateOffice(): Promise<Ran> {
      return update("office365", "--url", `${microsoft.url}/o365/`);
    }

    function clientOf(state: string): unknown {
      return (JSON.parse(state) as { client: unknown }).client;
    }
  });

  describe("--frozen", () => {
    beforeEach(async () => {
      writeFileSync(join(repository(), "tags.json"), serviceTags(10));
      await update("azure", "--file", "tags.json");
    });

    it("is content with the files of the lock, and reaches no network", async () => {
      const before = snapshot();
      const ran = await update({ HTTPS_PROXY: microsoft.url }, "--frozen");
      expect(ran).to.deep.equal({
        exit: 0,
        stdout:
          "as locked  azure (Public)  10  feeds/ServiceTags_Public.json\nthe files are those of ringwall.lock.json\n",
        stderr: "",
      });
      expect(microsoft.asked).to.deep.equal([]);
      expect(snapshot()).to.deep.equal(before);
    });

    it("fails at a file that somebody has changed", async () => {
      writeFileSync(join(repository(), "feeds/ServiceTags_Public.json"), serviceTags(10).replace("198.51", "203.51"));
      const before = snapshot();
      const ran = await update("--frozen");
      expect(ran.exit).to.equal(1);
      expect(ran.stdout).to.match(/^differs /);
      expect(ran.stderr).to.match(/is not the file that ringwall.lock.json names: its SHA-256 is [0-9a-f]{64}/);
      expect(snapshot()).to.deep.equal(before);
    });

    for (const [what, changed, said] of [
      ["version", ['"version": "10"', '"version": "99"'], "is of version 10, and ringwall.lock.json says 99"],
      ["cloud", ['"cloud": "Public"', '"cloud": "China"'], "is of the cloud Public, and ringwall.lock.json says China"],
    ] as const) {
      it(`fails at a lock whose ${what} somebody has changed, by which a later update would go`, async () => {
        const lock = join(repository(), "ringwall.lock.json");
        writeFileSync(lock, readFileSync(lock, "utf8").replace(changed[0], changed[1]));
        const ran = await update("--frozen");
        expect(ran.exit).to.equal(1);
        expect(ran.stdout).to.match(/^differs /);
        expect(ran.stderr).to.include(said);
      });
    }

    it("fails at a file that is gone", async () => {
      rmSync(join(repository(), "feeds/ServiceTags_Public.json"));
      const ran = await update("azure", "--frozen");
      expect(ran.exit).to.equal(1);
      expect(ran.stderr).to.include("there is no such file");
    });

    it("is no use without a lock, or for a feed that is not in it", async () => {
      expect((await update("azure", "--cloud", "china", "--frozen")).stderr).to.include(
        "no feed of kind azure for China",
      );
      rmSync(join(repository(), "ringwall.lock.json"));
      const ran = await update("--frozen");
      expect(ran.exit).to.equal(2);
      expect(ran.stderr).to.include("there is no lock with feeds in it");
    });
  });

  describe("refuses", () => {
    for (const [words, said] of [
      [["storage"], 'does not know the feed "storage"'],
      [["--cloud", "china"], "--cloud belongs to azure"],
      [["azure", "--instance", "china"], "--instance belongs to office365"],
      [["--url", "https://mirror.example/"], "--url is for one feed, and none is named"],
      [["azure", "--url", "https://a.example/", "--file", "x"], "--url and --file both say"],
      [["azure", "--url", "mirror"], "--url mirror is no address"],
      [["azure", "--url", "http://mirror.example/"], "it is plain http"],
      [["azure", "--url", "ftp://mirror.example/"], "it is ftp: and not https"],
      [["azure", "--dir", "../elsewhere"], "is not below the folder of the lock"],
      [["azure", "--frozen", "--allow-older"], "--allow-older means nothing beside it"],
      [[], "there is no lock with feeds in it"],
    ] as const) {
      it(words.length === 0 ? "nothing to do" : words.join(" "), async () => {
        const ran = await update(...words);
        expect(ran.exit).to.equal(2);
        expect(ran.stderr).to.include(said);
        expect(snapshot()).to.deep.equal({ ".git": "" });
      });
    }

    it("a proxy that is none", async () => {
      const ran = await update({ HTTPS_PROXY: "socks5://proxy.example" }, "azure");
      expect(ran.stderr).to.include("HTTPS_PROXY is not the address of a proxy");
    });

    it("a new feed in the place of another", async () => {
      writeFileSync(join(repository(), "tags.json"), serviceTags(10));
      await update("azure", "--file", "tags.json");
      const moved = contents("ringwall.lock.json").replace('"Public"', '"China"');
      writeFileSync(join(repository(), "ringwall.lock.json"), moved);
      const before = snapshot();
      const ran = await update("azure", "--file", "tags.json");
      expect(ran.stderr).to.include('feeds/ServiceTags_Public.json is a file of the feed "azure" already');
      expect(snapshot()).to.deep.equal(before);
      const elsewhere = await update("azure", "--file", "tags.json", "--dir", "public");
      expect(elsewhere.stdout).to.match(/^added {2}azure-public \(Public\)/);
    });

    it("a lock that leads out of its folder", async () => {
      writeFileSync(join(repository(), "tags.json"), serviceTags(10));
      await update("azure", "--file", "tags.json");
      const wild = contents("ringwall.lock.json").replace("feeds/Service", "../Service");
      writeFileSync(join(repository(), "ringwall.lock.json"), wild);
      const ran = await update("azure", "--file", "tags.json");
      expect(ran.exit).to.equal(2);
      expect(ran.stderr).to.include("which is no path below the lock's folder");
    });
  });

  async function update(...given: readonly (string | Io["env"])[]): Promise<Ran> {
    const more = given.filter((one) => typeof one !== "string");
    const words = given.filter((one) => typeof one === "string");
    const io = {
      ...keptIo(repository(), Object.assign({ XDG_STATE_HOME: join(folder.path, "state") }, ...more) as Io["env"]),
      now: () => clock,
    };
    const line = readWords(command, words);
    if (line.kind !== "run") throw new Error("the command line is wrong");
    const exit = await runFeedsUpdate(line.given, io, {
      timeouts,
      wait: (milliseconds) => {
        waited.push(milliseconds);
        return Promise.resolve();
      },
      random: () => 0,
    });
    return { exit, ...io.kept };
  }

  function repository(): string {
    return join(folder.path, "repository");
  }

  function contents(path: string): string {
    return readFileSync(join(repository(), path), "utf8");
  }

  function lock(): Lock {
    const read = readLock({ path: "ringwall.lock.json", text: contents("ringwall.lock.json") });
    if (!read.ok) throw new Error(read.diagnostic.message);
    return read.lock;
  }

  /** Every file below the folder, hidden ones too, with its bytes. */
  function snapshot(): Record<string, string> {
    const files = readdirSync(repository(), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    return Object.fromEntries(files.map((path) => [relative(repository(), path), readFileSync(path, "latin1")]));
  }
});
