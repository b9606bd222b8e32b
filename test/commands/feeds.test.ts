import { Ajv } from "ajv";
import { expect } from "chai";
import { cpSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../src/library/files.js";
import { run } from "../../src/commands/run.js";
import type { Ran } from "../support/command.js";
import { folderWith, keptIo } from "../support/command.js";

const root = join(import.meta.dirname, "../..");
const azure = "feeds/ServiceTags_Public.json";
const office365 = "feeds/o365-endpoints-worldwide-2026110100.json";
const policy = "smb-edge/policy.yaml";

/** `ringwall feeds …` and `ringwall exceptions …` on the sample feeds. */
describe("the commands about feeds", function () {
  this.timeout(30_000);
  let folder: ReturnType<typeof folderWith>;
  const ajv = new Ajv({ allErrors: true });

  before(() => {
    folder = folderWith({});
    cpSync(join(root, "examples"), folder.path, { recursive: true });
    writeFileSync(join(folder.path, "newer.json"), newer(readFileSync(join(folder.path, azure), "utf8")));
    for (const name of readdirSync(join(root, "schemas"))) {
      if (/^(diagnostic|address-list|exceptions-report|feeds-(show|lookup|diff)-report)\./.test(name))
        ajv.addSchema(JSON.parse(readFileSync(join(root, "schemas", name), "utf8")) as object);
    }
  });
  after(() => folder.remove());

  describe("exceptions azure", () => {
    it("prints a prefix a line on standard output, and says on standard error what that opens", async () => {
      const ran = await ringwall(
        "exceptions",
        "azure",
        "--tag",
        "Storage.WestEurope",
        "--family",
        "4",
        "--feed",
        azure,
      );
      expect([ran.exit, ran.stdout]).to.deep.equal([
        0,
        "20.60.26.0/23\n198.18.32.0/20\n203.0.113.0/26\n203.0.113.64/27\n",
      ]);
      expect(ran.stderr).to.match(/^note: the storage tags hold the accounts of all customers/);
    });

    it("takes a region for that of storage, or of the services that are named, in any case", async () => {
      for (const words of [
        ["--region", "WestEurope"],
        ["--region", "westeurope", "--tag", "Storage"],
      ]) {
        const ran = await ringwall("exceptions", "azure", ...words, "--family", "4", "--feed", azure);
        expect(ran.stdout, ran.stderr).to.equal("20.60.26.0/23\n198.18.32.0/20\n203.0.113.0/26\n203.0.113.64/27\n");
      }
    });

    const refused: readonly (readonly [readonly string[], string])[] = [
      [
        ["--tag", "Storage.WestEurop"],
        '"Storage.WestEurop" does not occur in feeds/ServiceTags_Public.json (did you mean "Storage.WestEurope"',
      ],
      [["--region", "Atlantis"], '"Storage.Atlantis" does not occur'],
      [[], "nothing says which service tags are wanted"],
      [
        ["--tag", "Storage.WestEurope", "--region", "WestEurope"],
        'the tag "Storage.WestEurope" names its region already',
      ],
      [["--tag", "Storage", "--format", "nft-sets"], '--format cannot be "nft-sets" (did you mean "nft-set"?)'],
      [["--tag", "Storage", "--max-entries", "0"], '--max-entries cannot be "0"'],
      [["--tag", "Storage", "--minus", "10.0.0.1/8"], '--minus cannot be "10.0.0.1/8"'],
      [["--tag", "Storage", "--minus", "nowhere.txt"], "cannot read nowhere.txt"],
      [["--tag", "Storage", "--minus", "0.0.0.0/0,::/0"], "nothing is left of Storage"],
      [["--tag", "Storage", "--name", "No Name"], 'a list cannot be called "No Name"'],
      [["--tag", "Storage", "--feed", office365], "has Office 365 endpoints, not Azure service tags"],
      [["--tag", "Storage", "--feed", "nowhere.json"], "cannot read nowhere.json"],
    ];
    for (const [words, message] of refused) {
      it(`is refused, and prints nothing: ${words.join(" ")}`, async () => {
        const ran = await ringwall("exceptions", "azure", "--feed", azure, ...words.flatMap((word) => word));
        const last = words.includes("--feed") ? await ringwall("exceptions", "azure", ...words) : ran;
        expect([last.exit, last.stdout]).to.deep.equal([2, ""]);
        expect(last.stderr).to.contain(message);
      });
    }

    it("needs a feed, or a lock that has one", async () => {
      const ran = await ringwall("exceptions", "azure", "--tag", "Storage");
      expect([ran.exit, ran.stderr]).to.deep.equal([
        2,
        "error: no feed is named, and there is no ringwall.lock.json here or above [RW5011]\n = help: name a file with --feed, or fetch one with ringwall feeds update azure\n",
      ]);
    });

    it("warns of a whole cloud", async () => {
      const ran = await ringwall("exceptions", "azure", "--tag", "AzureCloud", "--feed", azure);
      expect(ran.stderr).to.contain("this is all of AzureCloud").and.to.contain("machines that anybody can rent");
    });

    it("writes a file as a whole or not at all, and leaves one alone that is right already", async () => {
      const words = ["exceptions", "azure", "--tag", "Storage", "--family", "4", "--feed", azure, "--out"];
      const path = join(folder.path, "lists/storage.txt");
      expect((await ringwall(...words, "lists/storage.txt")).stdout).to.match(
        /^created lists\/storage\.txt: \d+ IPv4 prefixes \([\d,]+ addresses\)\n$/,
      );
      const { mtimeMs } = statSync(path);
      expect((await ringwall(...words, "lists/storage.txt")).stdout).to.match(/^unchanged /);
      expect(statSync(path).mtimeMs).to.equal(mtimeMs);
      const failed = await ringwall(...words, "lists/storage.txt/below");
      expect([failed.exit, failed.stdout]).to.deep.equal([2, ""]);
      expect(failed.stderr).to.contain("--out names another file");
      const wrong = await ringwall(...words, "lists/never.txt", "--tag", "Nowhere");
      expect(wrong.exit).to.equal(2);
      expect(existsSync(join(folder.path, "lists/never.txt"))).to.equal(false);
    });

    it("cuts out what a file lists", async () => {
      writeFileSync(join(folder.path, "cut.txt"), "# given up\n20.60.26.0/24\n");
      const ran = await ringwall(
        "exceptions",
        "azure",
        "--region",
        "WestEurope",
        "--family",
        "4",
        "--minus",
        "cut.txt",
        "--feed",
        azure,
      );
      expect(ran.stdout).to.equal("20.60.27.0/24\n198.18.32.0/20\n203.0.113.0/26\n203.0.113.64/27\n");
    });
  });

  describe("exceptions office365", () => {
    it("prints what the sets have that meet every option", async () => {
      const ran = await ringwall(
        "exceptions",
        "office365",
        "--area",
        "Skype",
        "--port",
        "udp/3478",
        "--feed",
        office365,
      );
      expect([ran.exit, ran.stderr, ran.stdout]).to.deep.equal([0, "", "198.18.112.0/21\n2001:db8:e:200::/56\n"]);
    });

    it("opens a port that no set publishes only when it is told to, and says how much that opens", async () => {
      const words = ["exceptions", "office365", "--area", "SharePoint", "--port", "tcp/445", "--feed", office365];
      const empty = await ringwall(...words);
      expect([empty.exit, empty.stdout]).to.deep.equal([2, ""]);
      expect(empty.stderr).to.match(
        /publishes tcp\/445, so that the list is empty \[RW5003\]\n.*and open [\d,]+ IPv4 addresses/,
      );
      const opened = await ringwall(...words, "--unpublished-ports");
      expect(opened.exit).to.equal(0);
      expect(opened.stderr).to.match(
        /^warning: Microsoft does not publish tcp\/445 .* the list opens [\d,]+ IPv4 addresses/,
      );
      expect(opened.stdout).to.equal((await ringwall(...words.filter((word) => !/port|tcp/.test(word)))).stdout);
    });

    it("knows areas, categories and ports by the words of the feed", async () => {
      for (const [option, word, message] of [
        ["--area", "Sharepoint", 'did you mean "SharePoint"?'],
        ["--category", "optimise", 'did you mean "Optimize"?'],
        ["--id", "999", 'the id "999" does not occur'],
        ["--port", "http", '"http" is no port'],
        ["--port", "tcp/70000", '"tcp/70000" is no port'],
      ] as const) {
        const ran = await ringwall("exceptions", "office365", option, word, "--feed", office365);
        expect([ran.exit, ran.stdout], word).to.deep.equal([2, ""]);
        expect(ran.stderr).to.contain(message);
      }
    });
  });

  describe("exceptions of a policy", () => {
    it("prints what its exceptions take from feeds, or one of its networks", async () => {
      const all = await ringwall("exceptions", policy);
      expect(all.exit, all.stderr).to.equal(0);
      expect(all.stdout).to.contain("20.60.26.0/23");
      const one = await ringwall("exceptions", policy, "--network", "azure-files", "--family", "6");
      expect([one.exit, one.stdout.split("\n").every((line) => line === "" || line.includes(":"))]).to.deep.equal([
        0,
        true,
      ]);
    });

    it("takes another feed in place of the policy's", async () => {
      const ran = await ringwall("exceptions", policy, "--feed", "newer.json", "--family", "4");
      expect(ran.stdout).to.contain("198.51.100.0/26");
    });

    it("says of a feed without its regions only that, not that the policy takes nothing", async () => {
      const ran = await ringwall("exceptions", policy, "--feed", "feeds/ServiceTags_China.json");
      expect([ran.exit, ran.stdout]).to.deep.equal([2, ""]);
      expect(ran.stderr).to.contain("does not occur in feeds/ServiceTags_China.json").and.to.not.contain("RW5003");
    });

    it("knows its networks, and says so when there is nothing from a feed", async () => {
      expect((await ringwall("exceptions", policy, "--network", "azure-file")).stderr).to.contain(
        'did you mean "azure-files"',
      );
      writeFileSync(
        join(folder.path, "plain.yaml"),
        "version: 1\nname: plain\nnetworks: { lan: 10.0.0.0/8 }\nrules: [{ name: a, deny: tcp/445 }]\ntargets: {}\n",
      );
      const ran = await ringwall("exceptions", "plain.yaml");
      expect([ran.exit, ran.stdout]).to.deep.equal([2, ""]);
      expect(ran.stderr).to.contain("no exception of this policy takes addresses from a feed").and.to.contain("lan");
    });
  });

  describe("feeds show", () => {
    it("shows services, or tags where some are chosen", async () => {
      const services = await ringwall("feeds", "show", "--feed", azure);
      expect(services.stdout).to.match(
        /^Azure service tags, cloud Public, changeNumber 12 \(feeds\/ServiceTags_Public\.json\)\n\nservice +tags/,
      );
      expect(services.stdout).to.match(/\n[\d,]+ tags in \d+ services: [\d,]+ IPv4 addresses/);
      const tags = await ringwall("feeds", "show", "--tag", "Storage.*", "--family", "4", "--feed", azure);
      expect(tags.stdout)
        .to.match(/\nStorage\.WestEurope +westeurope +\d/)
        .and.not.to.contain("IPv6");
    });

    it("shows endpoint sets of Office 365, those that are chosen", async () => {
      const ran = await ringwall("feeds", "show", "--area", "Skype", "--feed", `${azure},${office365}`);
      expect(ran.stdout).to.contain("udp/3478 udp/3479").and.not.to.contain("Azure service tags");
    });

    it("is a table for a spreadsheet", async () => {
      const ran = await ringwall("feeds", "show", "--region", "WESTEUROPE", "--format", "csv", "--feed", azure);
      expect(ran.stdout).to.match(
        /^tag,region,ipv4_published,ipv4_fewest,ipv4_addresses,ipv6_published,ipv6_fewest\r\n/,
      );
      expect(ran.stdout).to.match(/\r\nStorage\.WestEurope,westeurope,\d+,\d+,\d+,\d+,\d+\r\n/);
      expect((await ringwall("feeds", "show", "--format", "csv", "--feed", `${azure},${office365}`)).stderr).to.contain(
        "different columns",
      );
    });

    it("offers the nearest words", async () => {
      for (const words of [
        ["--tag", "Storag"],
        ["--service", "Storag"],
        ["--region", "westeurop"],
      ])
        expect((await ringwall("feeds", "show", "--feed", azure, ...words)).stderr).to.contain("did you mean");
      expect((await ringwall("feeds", "show", "--feed", azure, "--area", "Skype")).stderr).to.contain(
        "Azure has no such thing",
      );
    });
  });

  describe("feeds lookup", () => {
    it("answers for addresses and prefixes of the command line", async () => {
      const ran = await ringwall("feeds", "lookup", "20.60.26.4", "192.0.2.1", "--feed", azure);
      expect(ran.stdout).to.match(/^20\.60\.26\.4\n {2}Storage\.WestEurope +20\.60\.26\.0\/23 {2}westeurope\n/);
      expect(ran.stdout).to.contain("192.0.2.1\n  in none of it\n").and.to.contain("1 of 2 are in");
    });

    it("reads what is piped in, the first word of each line", async () => {
      const input = "# from a log\r\n20.60.26.4 445 tcp\r\n\n192.0.2.1,x\n";
      for (const words of [[], ["-"]]) {
        const ran = await piped(input, "feeds", "lookup", "--format", "csv", "--feed", azure, ...words);
        expect(ran.stdout.split("\r\n")[1]).to.equal(
          "20.60.26.4,Storage.WestEurope,westeurope,20.60.26.0/23,feeds/ServiceTags_Public.json",
        );
        expect(ran.stdout).to.contain("\r\n192.0.2.1,,,,\r\n");
      }
    });

    it("says of which cloud a tag is where several are asked, because they share names", async () => {
      const china = "feeds/ServiceTags_China.json";
      const words = ["feeds", "lookup", "20.60.26.4", "198.19.8.1", "--feed", azure, "--feed", china];
      const ran = await ringwall(...words);
      expect(ran.stdout).to.match(/^ {2}Storage +20\.60\.26\.0\/23 {2}cloud Public$/m);
      expect(ran.stdout).to.match(/^ {2}AzureCloud +\S+ {2}cloud China$/m);
      const json = JSON.parse((await ringwall(...words, "--json")).stdout) as {
        answers: { holding: { feed: number }[] }[];
      };
      expect(json.answers.map(({ holding }) => [...new Set(holding.map(({ feed }) => feed))])).to.deep.equal([
        [0],
        [1],
      ]);
      expect((await ringwall("feeds", "lookup", "20.60.26.4", "--feed", azure)).stdout).to.not.include(
        "cloud Public\n",
      );
    });

    it("answers what can be answered, and points at the rest", async () => {
      const ran = await piped("20.60.26.4\n010.0.0.1\n", "feeds", "lookup", "--feed", azure);
      expect(ran.exit).to.equal(2);
      expect(ran.stdout).to.contain("Storage.WestEurope");
      expect(ran.stderr).to.contain("standard input:2:1: error").and.to.contain("write 10.0.0.1");
    });

    it("says so when there is nothing to look up", async () => {
      expect((await ringwall("feeds", "lookup", "--feed", azure)).stderr).to.contain("there is nothing to look up");
      expect((await piped("", "feeds", "lookup", "--feed", azure)).stderr).to.contain("there is nothing to look up");
    });
  });

  describe("feeds diff", () => {
    it("shows what changed, in addresses", async () => {
      const ran = await ringwall("feeds", "diff", azure, "newer.json", "--tag", "Storage.WestEurope");
      expect(ran.stdout).to.contain("1 of 1 tags differs: added 64 IPv4 addresses, removed 512 IPv4 addresses");
      expect(ran.stdout).to.contain("    + 198.51.100.0/26\n").and.to.contain("    - 20.60.26.0/23\n");
      expect((await ringwall("feeds", "diff", azure, azure)).stdout).to.match(
        /\nnone of \d+ tags differs in its addresses\n$/,
      );
    });

    it("ends with 1 when it is asked to and something differs, and for a policy only when the policy uses it", async () => {
      const exit = async (...words: string[]) => (await ringwall("feeds", "diff", ...words)).exit;
      expect(await exit(azure, "newer.json")).to.equal(0);
      expect(await exit(azure, "newer.json", "--exit-code")).to.equal(1);
      expect(await exit(azure, azure, "--exit-code")).to.equal(0);
      expect(await exit(azure, "newer.json", "--exit-code", "--policy", policy)).to.equal(1);
      expect(await exit(azure, azure, "--exit-code", "--policy", policy)).to.equal(0);
      writeFileSync(
        join(folder.path, "other.yaml"),
        `version: 1\nname: other\nfeeds: { azure: { file: ${azure} } }\nnetworks: { n: { azure: { regions: [NorthEurope] } } }\nrules: [{ name: a, deny: tcp/445, except: [{ to: n }] }]\ntargets: {}\n`,
      );
      const other = await ringwall("feeds", "diff", azure, "newer.json", "--exit-code", "--policy", "other.yaml");
      expect([other.exit, other.stdout.includes("nothing that other.yaml uses has changed")]).to.deep.equal([0, true]);
    });

    it("tells when a policy would not compile any more", async () => {
      const without = JSON.parse(readFileSync(join(folder.path, azure), "utf8").replace(/^\ufeff/, "")) as {
        values: { name: string }[];
      };
      without.values = without.values.filter(({ name }) => name !== "Storage.WestEurope");
      writeFileSync(join(folder.path, "without.json"), JSON.stringify(without));
      const ran = await ringwall(
        "feeds",
        "diff",
        azure,
        "without.json",
        "--exit-code",
        "--policy",
        policy,
        "--format",
        "markdown",
      );
      expect(ran.exit).to.equal(1);
      expect(ran.stdout).to.contain("would not compile:").and.to.contain("### Vanished tags (1)");
    });

    it("keeps text of a feed out of the syntax of markdown and terminals", async () => {
      const name = "A|B`</details><script>\u001b[31m@team #1";
      for (const [file, addressPrefixes] of [
        ["one.json", ["192.0.2.0/24"]],
        ["two.json", ["192.0.2.0/25"]],
      ] as const)
        writeFileSync(
          join(folder.path, file),
          JSON.stringify({ changeNumber: 1, cloud: "Public", values: [{ name, properties: { addressPrefixes } }] }),
        );
      const markdown = (await ringwall("feeds", "diff", "one.json", "two.json", "--format", "markdown")).stdout;
      const outside = markdown.replace(/```diff\n[^]*?\n```/g, "");
      expect([...new Set(outside.match(/<[^>]*>/g))].sort()).to.deep.equal([
        "</details>",
        "</summary>",
        "<details>",
        "<summary>",
      ]);
      expect(markdown.split("```")).to.have.lengthOf(3);
      expect(
        markdown
          .split("\n")
          .find((line) => line.startsWith("| A"))!
          .replace(/\\\|/g, "")
          .split("|"),
      ).to.have.lengthOf(8);
      expect(markdown).not.to.contain("\u001b");
      expect((await ringwall("feeds", "diff", "one.json", "two.json")).stdout).not.to.contain("\u001b");
    });

    it("refuses feeds that have nothing in common, and warns when the newer comes first", async () => {
      expect((await ringwall("feeds", "diff", azure, office365)).stderr).to.contain("they have nothing in common");
      expect((await ringwall("feeds", "diff", "newer.json", azure)).stderr).to.contain("is newer than");
      expect((await ringwall("feeds", "diff", azure, "feeds/ServiceTags_China.json")).stderr).to.contain(
        "this is not one feed at two times",
      );
    });
  });

  describe("--format and --out of feeds show, lookup and diff", () => {
    const answers: readonly (readonly [readonly string[], string])[] = [
      [["show", "--feed", azure], "csv"],
      [["lookup", "--feed", azure, "20.60.26.4"], "csv"],
      [["diff", azure, "newer.json"], "markdown"],
    ];
    for (const [words, other] of answers) {
      it(`are the same for every one: ${words[0]!}`, async () => {
        for (const format of ["text", "json", other]) {
          const printed = await ringwall("feeds", ...words, "--format", format);
          const out = `out/${words[0]!}.${format}`;
          const written = await ringwall("feeds", ...words, "--format", format, "--out", out);
          expect([written.exit, written.stdout]).to.deep.equal([0, `created ${out}\n`]);
          expect(readFileSync(join(folder.path, out), "utf8")).to.equal(printed.stdout);
        }
        const json = await ringwall("feeds", ...words, "--json");
        expect(json.stdout).to.equal((await ringwall("feeds", ...words, "--format", "json")).stdout);
      });

      it(`are not two at once, and a file that cannot be written is said: ${words[0]!}`, async () => {
        const two = await ringwall("feeds", ...words, "--json", "--format", other);
        expect(two.exit).to.equal(2);
        expect(two.stdout).to.contain(`--json and --format ${other} are two formats`);
        const nowhere = await ringwall("feeds", ...words, "--out", `${azure}/below-a-file.txt`);
        expect([nowhere.exit, nowhere.stdout]).to.deep.equal([2, ""]);
        expect(nowhere.stderr).to.contain("a part of the path is a file, not a folder");
      });
    }
  });

  describe("without --feed", () => {
    let locked: ReturnType<typeof folderWith>;
    const at = async (...words: readonly string[]): Promise<Ran> => {
      const io = keptIo(join(locked.path, "below"));
      return { exit: await run(words, io), ...io.kept };
    };

    before(() => {
      const file = (name: string): string => readFileSync(join(root, "examples/feeds", name), "utf8");
      const [tags, sets] = ["ServiceTags_Public.json", "o365-endpoints-worldwide-2026110100.json"].map(file);
      const entry = (path: string, text: string) => ({ file: path, sha256: sha256(text), source: `file:${path}` });
      const fetched = "2026-11-01T00:00:00Z";
      const lock = {
        version: 1,
        feeds: {
          azure: { kind: "azure", cloud: "Public", version: "12", ...entry("tags.json", tags!), fetched },
          office365: {
            kind: "office365",
            instance: "Worldwide",
            version: "2026110100",
            ...entry("sets.json", sets!),
            fetched,
          },
        },
      };
      locked = folderWith({
        ".git": "",
        "tags.json": tags!,
        "sets.json": sets!,
        "ringwall.lock.json": JSON.stringify(lock),
        "below/readme": "",
      });
    });
    after(() => locked.remove());

    it("reads the feeds of the lock, here or in a folder above", async () => {
      const list = await at("exceptions", "azure", "--region", "WestEurope", "--family", "4");
      expect(list.stdout, list.stderr).to.contain("20.60.26.0/23\n");
      expect((await at("exceptions", "office365", "--area", "Skype")).stdout).to.contain("198.18.112.0/21\n");
      expect((await at("feeds", "lookup", "20.60.26.4", "198.18.112.9")).stdout).to.contain("2 of 2 are in");
      expect((await at("feeds", "show")).stdout)
        .to.contain("Azure service tags")
        .and.to.contain("Office 365 endpoints");
    });

    it("takes a name of the lock for --feed, and where a file is compared", async () => {
      expect((await at("feeds", "show", "--feed", "office365")).stdout).not.to.contain("Azure service tags");
      expect((await at("feeds", "diff", "azure", "../tags.json")).stdout).to.contain("none of 10 tags");
      expect((await at("feeds", "show", "--feed", "azur")).stderr).to.contain('did you mean "azure"?');
    });

    it("refuses bytes that the lock does not name", async () => {
      writeFileSync(join(locked.path, "tags.json"), newer(readFileSync(join(root, "examples", azure), "utf8")));
      const ran = await at("exceptions", "azure", "--region", "WestEurope");
      expect([ran.exit, ran.stdout]).to.deep.equal([2, ""]);
      expect(ran.stderr).to.contain("[RW5007]");
    });
  });

  const reports: readonly (readonly [string, readonly string[]])[] = [
    ["exceptions-report", ["exceptions", "azure", "--region", "WestEurope", "--feed", azure]],
    [
      "exceptions-report",
      [
        "exceptions",
        "azure",
        "--region",
        "WestEurope",
        "--feed",
        azure,
        "--max-entries",
        "1",
        "--format",
        "csv",
        "--out",
        "a.csv",
      ],
    ],
    ["exceptions-report", ["exceptions", "azure", "--region", "Nowhere", "--feed", azure]],
    ["exceptions-report", ["exceptions", policy, "--family", "4"]],
    ["exceptions-report", ["exceptions", "office365", "--feed", office365]],
    ["feeds-show-report", ["feeds", "show", "--feed", azure]],
    ["feeds-show-report", ["feeds", "show", "--feed", azure, "--by", "tag", "--family", "6"]],
    ["feeds-show-report", ["feeds", "show", "--feed", office365]],
    ["feeds-show-report", ["feeds", "show", "--feed", azure, "--tag", "Nothing"]],
    [
      "feeds-lookup-report",
      ["feeds", "lookup", "20.60.26.4", "198.18.0.0/15", "nonsense", "--feed", `${azure},${office365}`],
    ],
    ["feeds-lookup-report", ["feeds", "lookup", "nonsense", "--feed", azure]],
    ["feeds-diff-report", ["feeds", "diff", azure, "newer.json", "--policy", policy]],
    ["feeds-diff-report", ["feeds", "diff", office365, office365]],
    ["feeds-diff-report", ["feeds", "diff", azure, office365]],
  ];
  for (const [schema, words] of reports) {
    it(`has the shape of ${schema}.schema.json: ringwall ${words.join(" ")}`, async () => {
      const ran = await ringwall(...words, "--json");
      const validate = ajv.getSchema(`${schema}.schema.json`)!;
      expect(validate(JSON.parse(ran.stdout)), JSON.stringify(validate.errors)).to.equal(true);
      expect(ran.stderr).to.equal("");
    });
  }

  it("writes --format json in the shape of address-list.schema.json", async () => {
    const ran = await ringwall("exceptions", "azure", "--region", "WestEurope", "--feed", azure, "--format", "json");
    const validate = ajv.getSchema("address-list.schema.json")!;
    expect(validate(JSON.parse(ran.stdout)), JSON.stringify(validate.errors)).to.equal(true);
  });

  describe("a group of commands", () => {
    it("shows its commands, on standard error when it is not told which", async () => {
      const asked = await ringwall("feeds", "--help");
      expect([asked.exit, asked.stderr]).to.deep.equal([0, ""]);
      expect(asked.stdout)
        .to.contain("Usage: ringwall feeds <command> [options]")
        .and.to.match(/\n {2}ringwall feeds show +\S/);
      expect(await ringwall("help", "feeds")).to.deep.equal(asked);
      const silent = await ringwall("feeds");
      expect([silent.exit, silent.stdout, silent.stderr]).to.deep.equal([2, "", asked.stdout]);
    });

    it("shows the help of a command in it, asked in any way", async () => {
      const first = await ringwall("feeds", "diff", "--help");
      expect(first.stdout).to.contain("Usage: ringwall feeds diff <old> <new> [options]");
      for (const words of [
        ["help", "feeds", "diff"],
        ["--help", "feeds", "diff"],
        ["feeds", "diff", "a", "-h"],
      ])
        expect(await ringwall(...words), words.join(" ")).to.deep.equal(first);
    });

    it("offers the command that is meant", async () => {
      expect((await ringwall("feeds", "dif")).stderr).to.equal(
        'error: there is no command "feeds dif" [RW1007]\n = help: did you mean ringwall feeds diff?\n',
      );
      expect((await ringwall("feeds", "xyzzyx")).stderr).to.contain("the commands are update, show, lookup, diff");
      expect((await ringwall("feeds", "--json", "show")).stderr).to.contain("the command comes first, before --json");
      expect((await ringwall("feed", "show")).stderr).to.contain("did you mean ringwall feeds?");
      expect((await ringwall("feeds", "show", "--fed", "x")).stderr).to.contain(
        "feeds show has no option --fed (did you mean --feed?)",
      );
      expect((await ringwall("feeds", "diff", "a")).stderr).to.contain("feeds diff needs <new>");
    });

    it("may be a command too, which then has any other word", async () => {
      expect((await ringwall("exceptions", "--help")).stdout)
        .to.contain("Usage: ringwall exceptions <policy> [options]")
        .and.to.match(/\n {2}ringwall exceptions azure +\S/);
      expect((await ringwall("exceptions", "azur")).stderr).to.contain("cannot read azur");
      expect((await ringwall("exceptions")).stderr).to.contain("exceptions needs <policy>");
    });
  });

  async function ringwall(...words: readonly string[]): Promise<Ran> {
    const io = keptIo(folder.path);
    return { exit: await run(words, io), ...io.kept };
  }

  async function piped(input: string, ...words: readonly string[]): Promise<Ran> {
    const io = keptIo(folder.path, {}, input);
    return { exit: await run(words, io), ...io.kept };
  }
});

/** The feed with another part of Storage.WestEurope, some months later. */
function newer(text: string): string {
  const feed = JSON.parse(text.replace(/^\ufeff/, "")) as {
    changeNumber: number;
    values: { name: string; properties: { addressPrefixes: string[] } }[];
  };
  feed.changeNumber++;
  const { properties } = feed.values.find(({ name }) => name === "Storage.WestEurope")!;
  properties.addressPrefixes = properties.addressPrefixes.filter((one) => one !== "20.60.26.0/23");
  properties.addressPrefixes.push("198.51.100.0/26");
  return JSON.stringify(feed);
}
