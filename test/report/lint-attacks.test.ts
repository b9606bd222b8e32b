import { expect } from "chai";
import { posix } from "node:path";
import { SaxesParser } from "saxes";
import type { Source } from "../../src/diagnostics/index.js";
import { diagnostic } from "../../src/diagnostics/index.js";
import { formats } from "../../src/report/lint/index.js";
import { attacks, hostileReport } from "../support/hostile-report.js";
import { at, device, env, finding } from "../support/lint-report.js";

/** Findings shown, with the suppressed ones, and problems: three of each attack. */
const count = Object.keys(attacks).length;

describe("text of a configuration in a lint report", () => {
  const report = hostileReport();
  const texts = new Map(formats.map((format) => [format.name, format.write(report, env).join("")]));
  const text = (name: string): string => texts.get(name)!;

  for (const { name } of formats) {
    it(`commands no terminal and turns no text round in ${name}`, () => {
      expect(text(name)).not.to.match(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
    });

    it(`cuts very long texts in ${name}`, () => {
      if (name === "json") return; // Programs get everything.
      const file: Source = { path: "edge.conf", text: `permit ${"x".repeat(50_000)}\n` };
      const long = "y".repeat(50_000);
      const primary = at(file, file.text.trim());
      const related = [{ span: primary, message: long }];
      const one = finding("RW4001", file, long, {
        primary,
        related,
        packets: [long],
        conditions: [long],
        amounts: [long],
      });
      const problems = [diagnostic("RW1003", long)];
      const devices = [device("edge.conf", "x", "X", [file], "open", [one])];
      const written = formats.find((format) => format.name === name)!.write({ ...report, devices, problems }, env);
      expect(written.join("")).not.to.match(/[xy]{1100}/);
    });
  }

  it("is no command in the log of GitHub Actions", () => {
    for (const name of ["text", "concise", "azure", "markdown"]) {
      expect(githubCommands(text(name)), name).to.deep.equal([]);
    }
    const commands = githubCommands(text("github"));
    expect(commands).to.have.lengthOf(count * 6);
    for (const { name, properties, message } of commands) {
      expect(["error", "warning", "notice"]).to.include(name);
      expect(Object.keys(properties).filter((key) => !annotationProperties.includes(key))).to.deep.equal([]);
      expect(properties["title"]).to.match(/^RW\d{4} [a-z-]+$/);
      expect(message).not.to.equal("");
    }
    expect(new Set(commands.map(({ properties }) => properties["line"]))).to.deep.equal(new Set(["1", undefined]));
  });

  it("is no command in the log of Azure Pipelines", () => {
    for (const name of ["text", "concise", "github"]) expect(azureCommands(text(name)), name).to.deep.equal([]);
    const commands = azureCommands(text("azure"));
    // Notes are plain lines; the run fails, so that no command completes the task.
    expect(commands).to.have.lengthOf(count * 5);
    for (const { name, properties } of commands) {
      expect(name).to.equal("task.logissue");
      expect(Object.keys(properties).filter((key) => !issueProperties.includes(key))).to.deep.equal([]);
      expect(properties["type"]).to.be.oneOf(["error", "warning"]);
      expect(properties["code"]).to.match(/^RW\d{4}$/);
    }
  });

  it("gives back the path of a file as GitHub and Azure Pipelines decode it", () => {
    const path = attacks["the end of a property"];
    expect(githubCommands(text("github")).some(({ properties }) => properties["file"]?.endsWith(path))).to.equal(true);
    expect(azureCommands(text("azure")).some(({ properties }) => properties["sourcepath"]?.endsWith(path))).to.equal(
      true,
    );
  });

  it("neither opens nor closes an element of JUnit's XML", () => {
    const elements = xmlElements(text("junit"));
    expect(elements.filter((one) => one === "testsuite")).to.have.lengthOf(count + 1);
    expect(elements.filter((one) => one === "failure")).to.have.lengthOf(count * 2);
    expect(elements.filter((one) => one === "skipped")).to.have.lengthOf(count);
    expect(elements.filter((one) => one === "error")).to.have.lengthOf(count * 3);
    expect(new Set(elements)).to.deep.equal(
      new Set([
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "system-out",
        "skipped",
        "error",
      ]),
    );
  });

  it("neither opens nor closes an element of Checkstyle's XML", () => {
    const elements = xmlElements(text("checkstyle"));
    expect(elements.filter((one) => one === "error")).to.have.lengthOf(count * 7);
    expect(new Set(elements)).to.deep.equal(new Set(["checkstyle", "file", "error"]));
  });

  it("is no heading, link, image, mention, table or HTML in Markdown, and does not leave its fence", () => {
    const outside: string[] = [];
    let fence: string | undefined;
    for (const line of text("markdown").split("\n")) {
      const found = /^(`{3,})/.exec(line)?.[1];
      if (fence === undefined && found !== undefined) fence = found;
      else if (fence !== undefined && line === fence) fence = undefined;
      else if (fence === undefined) outside.push(line);
    }
    expect(fence).to.equal(undefined);
    const page = outside.join("\n").replaceAll("<br>", " ");
    expect(
      page.match(/^#+ .*$/gm)!.filter((line) => !/^(# Ringwall: |### \S+ RW\d{4} [a-z-]+$)/.test(line)),
    ).to.deep.equal([]);
    expect(page).not.to.match(/<|\]\(|@|:\/\/|www\.|```/);
    expect(page.match(/^\|/gm)).to.have.lengthOf(count + 2);
    for (const row of page.match(/^\|.*$/gm)!) expect(row.split("|")).to.have.lengthOf(6);
  });

  it("links nowhere in a message of SARIF, and is a proper address there", () => {
    const { runs } = JSON.parse(text("sarif")) as { runs: { results: SarifResult[] }[] };
    const results = runs.flatMap((run) => run.results);
    expect(results).to.have.lengthOf(count * 4);
    for (const { message, relatedLocations = [], locations } of results) {
      const plain = message.text.replace(/\\[\\[\]]/g, "");
      const links = [...plain.matchAll(/\[[^\]]*\]\(([^)]*)\)/g)].map(([, to]) => to);
      expect(links).to.deep.equal(relatedLocations.map(({ id }) => String(id)));
      expect(plain.replace(/\{\{|\}\}/g, "")).not.to.match(/\{\d/);
      const { uri } = locations[0]!.physicalLocation.artifactLocation;
      expect(uri).to.match(/^[\w\-.~/%]+$/);
      expect(Object.values<string>(attacks).map(asAddressed)).to.include(
        decodeURIComponent(uri).replace("network/", ""),
      );
    }
  });

  it("stays the whole text in JSON", () => {
    const { findings } = JSON.parse(text("json")) as { findings: { message: string; file: string }[] };
    expect(new Set(findings.map((one) => one.message))).to.deep.equal(new Set(Object.values(attacks)));
    expect(new Set(findings.map((one) => one.file))).to.deep.equal(new Set(Object.values(attacks)));
  });

  it("is no second line of the concise format", () => {
    const lines = text("concise").trimEnd().split("\n");
    expect(lines).to.have.lengthOf(count * 7);
    expect(lines.filter((line) => !/(error|warning|note): RW\d{4} /.test(line))).to.deep.equal([]);
  });
});

interface SarifResult {
  readonly message: { readonly text: string };
  readonly relatedLocations?: readonly { readonly id: number }[];
  readonly locations: readonly { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } }[];
}

interface RunnerCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

const annotationProperties = ["file", "line", "endLine", "col", "endColumn", "title"];
const issueProperties = ["type", "sourcepath", "linenumber", "columnnumber", "code"];

/**
 * As the runner of GitHub Actions reads a log: a line that begins with `::`, blanks aside, or has `##[` anywhere.
 * Source: actions/runner, ActionCommand.
 */
function githubCommands(log: string): RunnerCommand[] {
  return log.split(/\r\n|\r|\n/).flatMap((line) => {
    const second = /^\s*::(\S+?)(?: (.*?))?::(.*)$/s.exec(line);
    if (second !== null) {
      const [, name = "", given = "", message = ""] = second;
      return [{ name, properties: propertiesOf(given, ",", unescapeGithub), message }];
    }
    return line.includes("##[") ? [{ name: line, properties: {}, message: "" }] : [];
  });
}

/** As the agent reads a log: `##vso[` anywhere in a line. Source: azure-pipelines-agent, Command. */
function azureCommands(log: string): RunnerCommand[] {
  return log.split(/\r\n|\r|\n/).flatMap((line) => {
    const start = line.toLowerCase().indexOf("##vso[");
    if (start < 0) return /##\[/.test(line) ? [{ name: line, properties: {}, message: "" }] : [];
    const end = line.indexOf("]", start);
    const [name = "", ...rest] = line.slice(start + 6, end).split(" ");
    return [{ name, properties: propertiesOf(rest.join(" "), ";", unescapeAzure), message: line.slice(end + 1) }];
  });
}

function propertiesOf(text: string, between: string, unescape: (value: string) => string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(between)
      .filter((one) => one !== "")
      .map((one) => [one.slice(0, one.indexOf("=")), unescape(one.slice(one.indexOf("=") + 1))]),
  );
}

function unescapeGithub(value: string): string {
  const named: Readonly<Record<string, string>> = { "3A": ":", "2C": ",", "0A": "\n", "0D": "\r", "25": "%" };
  return value.replace(/%(3A|2C|0A|0D|25)/g, (_, code: string) => named[code]!);
}

function unescapeAzure(value: string): string {
  const named: Readonly<Record<string, string>> = { "3B": ";", "5D": "]", "0A": "\n", "0D": "\r", AZP25: "%" };
  return value.replace(/%(3B|5D|0A|0D|AZP25)/g, (_, code: string) => named[code]!);
}

/** The names of all elements; a text that is not well-formed throws. */
function xmlElements(xml: string): string[] {
  const names: string[] = [];
  const parser = new SaxesParser();
  parser.on("opentag", ({ name }) => void names.push(name));
  parser.on("error", (error) => {
    throw error;
  });
  parser.write(xml).close();
  return names;
}

/** What a path becomes on its way into an address. */
function asAddressed(path: string): string {
  return posix.normalize(path).replace(/\p{Cs}/gu, "\ufffd");
}
