import { expect } from "chai";
import { matchesGlob, readRepositorySettings, settingsFor } from "../../src/jobs/repository-settings.js";
import { renderDiagnostics } from "../../src/report/index.js";

describe("a repository's ringwall.yaml", () => {
  it("says which interfaces of which files are outside and inside", () => {
    const { settings, diagnostics } = read(`
devices:
  - { files: edge1, outside: wan0, inside: [lan0, dmz0] }
  - { files: ["edge2/*.conf", edge3/**], vendor: paper, outside: [a, b] }
`);
    expect(diagnostics).to.deep.equal([]);
    expect(settingsFor(settings, "edge1/rules.v4")?.sides).to.deep.equal({
      outside: ["wan0"],
      inside: ["lan0", "dmz0"],
    });
    expect(settingsFor(settings, "edge2/running.conf")?.vendor).to.equal("paper");
    expect(settingsFor(settings, "edge2/old/running.conf")).to.equal(undefined);
    expect(settingsFor(settings, "elsewhere.conf")).to.equal(undefined);
  });

  it("leaves keys alone that are not about devices", () => {
    expect(read("lint: { strict: true }\n")).to.deep.equal({ settings: { devices: [] }, diagnostics: [] });
    expect(read("")).to.deep.equal({ settings: { devices: [] }, diagnostics: [] });
  });

  it("is told what is wrong with it, all at once", () => {
    const { diagnostics } = read("devices:\n  - { file: a, outside: 7 }\n  - text\n");
    expect(renderDiagnostics(diagnostics)).to.contain('a device has no key "file" (did you mean "files"?)');
    expect(diagnostics.map((one) => one.message)).to.deep.equal([
      'a device has no key "file" (did you mean "files"?)',
      "a device needs `files`",
      "`outside` is a text or a list of texts",
      "a device is a mapping with `files`, `outside` and `inside`",
    ]);
  });
});

describe("a pattern of paths", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["a.conf", "a.conf", true],
    ["a.conf", "axconf", false],
    ["a.conf", "b/a.conf", false],
    ["./a.conf", "a.conf", true],
    ["edge", "edge/one/a.conf", true],
    ["edge/", "edge/a.conf", true],
    ["edge", "edgewise/a.conf", false],
    ["*.conf", "a.conf", true],
    ["*.conf", "b/a.conf", false],
    ["**/*.conf", "a.conf", true],
    ["**/*.conf", "b/c/a.conf", true],
    ["edge/**", "edge/a/b", true],
    ["edge?/a", "edge1/a", true],
    ["edge?/a", "edge/a", false],
    ["[a]+.conf", "[a]+.conf", true],
  ];
  for (const [pattern, path, expected] of cases) {
    it(`${pattern} ${expected ? "means" : "does not mean"} ${path}`, () => {
      expect(matchesGlob(pattern, path)).to.equal(expected);
    });
  }
});

function read(text: string) {
  return readRepositorySettings({ path: "ringwall.yaml", text });
}
