import { expect } from "chai";
import type { Hosts } from "../../src/feeds/index.js";
import { addressProblem, linkOnPage, plainAddress } from "../../src/feeds/index.js";

const page = new URL("https://www.microsoft.com/en-us/download/details.aspx?id=56519");
const file = "https://download.microsoft.com/download/7/1/d/71d8/ServiceTags_Public_20261116.json";
const microsoft: Hosts = { kind: "microsoft" };

describe("the link on a download page", () => {
  it("is found wherever the page writes it", () => {
    for (const html of [
      `<a href="${file}" class="btn">Download</a>`,
      `<a class=btn href='${file}'>Download</a>`,
      `<a href=${file}>Download</a>`,
      `<script>window.__DLCDetails__={"url":"${file}"}</script>`,
      `<script>{"url":"${file.replaceAll("/", "\\/")}"}</script>`,
      `<script>{"url":"${file.replaceAll("/", "\\u002F")}"}</script>`,
      `<div data-details="{&quot;url&quot;:&quot;${file}&quot;,&quot;size&quot;:4}">`,
      `<meta http-equiv="refresh" content="0;url=${file}">`,
      `<a href="//download.microsoft.com/download/7/1/d/71d8/ServiceTags_Public_20261116.json">`,
      `<a href="${file.replace("download.", "")}">`.replace("//microsoft", "//download.microsoft"),
    ]) {
      expect(found(html), html).to.equal(file);
    }
  });

  it("is not the file's name, which stands beside it in the page's data", () => {
    const name = "ServiceTags_Public_20261116.json";
    const details = { dlcDetailsView: { downloadFile: [{ isPrimary: "True", name, url: file, size: "4144923" }] } };
    expect(found(`<script>window.__DLCDetails__=${JSON.stringify(details)}</script>`)).to.equal(file);
    expect(found(`<p>${name}</p><a href="${file}">${name}</a>`)).to.equal(file);
    expect(found(`<p>${name}</p>`)).to.include("no link");
    expect(found(`<pre><a href="${name}">${name}</a> 16-Nov-2026</pre>`)).to.equal(new URL(name, page).href);
  });

  it("keeps its query", () => {
    expect(found(`<a href="${file}?a=1&amp;b=2">`)).to.equal(`${file}?a=1&b=2`);
  });

  it("is the newest of several of the cloud", () => {
    const older = file.replace("20261116", "20261109");
    expect(found(`<a href="${older}"><a href="${file}"><a href="${older}">`)).to.equal(file);
    expect(found(`<a href="${file.replace("Public", "China").replace("1116", "1120")}"><a href="${older}">`)).to.equal(
      older,
    );
  });

  it("is not one that leads elsewhere, even beside a good one", () => {
    const evil = "https://download.microsoft.com.evil.example/ServiceTags_Public_20991231.json";
    expect(found(`<a href="${evil}"><a href="${file}">`)).to.equal(file);
    expect(found(`<a href="${evil}">`)).to.include("leads to https://download.microsoft.com.evil.example");
    expect(found(`<a href="https://download.microsoft.com@evil.example/ServiceTags_Public_20261116.json">`)).to.include(
      "leads to https://evil.example",
    );
    expect(found(`<a href="${file.replace("https", "http")}">`)).to.include("plain http");
    expect(found(`<a href="javascript:ServiceTags_Public_20261116.json">`)).to.include("not https");
  });

  it("may lead to the host of a page that somebody named, or to Microsoft", () => {
    const mirror = new URL("https://mirror.example/azure.html");
    const of = (link: string): string => {
      const read = linkOnPage(`<a href="${link}">`, mirror, "Public", { kind: "given", host: "mirror.example" });
      return read.ok ? read.url.href : read.why;
    };
    expect(of("files/ServiceTags_Public_20261116.json")).to.equal(
      "https://mirror.example/files/ServiceTags_Public_20261116.json",
    );
    expect(of(file)).to.equal(file);
    expect(of("https://evil.example/ServiceTags_Public_20261116.json")).to.include("neither the host of the page nor");
  });

  it("is missed aloud", () => {
    expect(found("<html>We moved</html>")).to.equal("it has no link to a file ServiceTags_Public_<date>.json");
    expect(found(`<a href="/ServiceTags_China_20261116.json">`)).to.equal(
      "it links to the file of the cloud China, not Public",
    );
  });

  it("is looked for in linear time", () => {
    const html = `${"<a href=".repeat(200_000)}${"ServiceTags_Public_20261116.jso".repeat(50_000)}`;
    expect(found(html)).to.include("no link");
  });

  function found(html: string): string {
    const read = linkOnPage(html, page, "Public", microsoft);
    return read.ok ? read.url.href : read.why;
  }
});

describe("an address", () => {
  const given: Hosts = { kind: "given", host: "127.0.0.1" };
  it("is https on a host of Microsoft, unless somebody named another", () => {
    const allowed = (url: string, hosts: Hosts): boolean => addressProblem(new URL(url), hosts) === undefined;
    expect(allowed("https://www.microsoft.com/x", microsoft)).to.equal(true);
    expect(allowed("https://endpoints.office.com/version", microsoft)).to.equal(true);
    expect(allowed("https://notmicrosoft.com/x", microsoft)).to.equal(false);
    expect(allowed("https://microsoft.com.evil.example/x", microsoft)).to.equal(false);
    expect(allowed("http://www.microsoft.com/x", microsoft)).to.equal(false);
    expect(allowed("http://127.0.0.1/x", microsoft)).to.equal(false);
    expect(allowed("https://mirror.example/x", given)).to.equal(true);
    expect(allowed("http://127.0.0.1:8080/x", given)).to.equal(true);
    expect(allowed("http://127.0.0.2/x", given)).to.equal(false);
    expect(allowed("http://mirror.example/x", { kind: "given", host: "mirror.example" })).to.equal(false);
    expect(allowed("http://127.0.0.1.evil.example/", { kind: "given", host: "127.0.0.1.evil.example" })).to.equal(
      false,
    );
    expect(allowed("file:///etc/passwd", given)).to.equal(false);
  });

  it("is written down without its secrets", () => {
    expect(plainAddress(new URL("https://user:pass@a.example/b?sig=c#d"))).to.equal("https://a.example/b");
    expect(plainAddress(page)).to.equal(page.href);
  });
});
