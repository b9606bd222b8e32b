import { expect } from "chai";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  heldOffUntil,
  knownVersion,
  loadMachine,
  machineFile,
  readMachine,
  saveMachine,
  withHeldOff,
  withVersion,
} from "../../src/fetch/index.js";
import { folderWith } from "../support/command.js";

const guid = "b10c5ed1-bad1-445f-b386-b919946339a7";
const now = new Date("2026-11-23T12:00:00Z");

describe("what a machine remembers", () => {
  it("is of this machine and no repository", () => {
    const file = (env: Record<string, string>, platform: NodeJS.Platform = "linux") => machineFile(env, platform);
    expect(file({ XDG_STATE_HOME: "/state", HOME: "/home/a" })).to.equal("/state/ringwall/feeds.json");
    expect(file({ HOME: "/home/a" })).to.equal("/home/a/.local/state/ringwall/feeds.json");
    expect(file({ XDG_STATE_HOME: "state", HOME: "/home/a" })).to.equal("/home/a/.local/state/ringwall/feeds.json");
    expect(file({})).to.equal(undefined);
    expect(file({ HOME: "" })).to.equal(undefined);
    expect(file({ LOCALAPPDATA: "/users/a" }, "win32")).to.equal(join("/users/a", "ringwall", "feeds.json"));
  });

  it("comes back, and only its owner reads it", () => {
    const folder = folderWith({});
    try {
      const file = join(folder.path, "a/b/feeds.json");
      const machine = withHeldOff(withVersion(loadMachine(file), "service Worldwide", "2026110100", now), "host", now);
      expect(saveMachine(file, machine)).to.equal(true);
      expect(loadMachine(file)).to.deep.equal(machine);
      expect(statSync(file).mode & 0o777).to.equal(0o600);
      expect(readdirSync(join(folder.path, "a/b"))).to.deep.equal(["feeds.json"]);
    } finally {
      folder.remove();
    }
  });

  it("is a new number each time where nothing can be kept, and nothing breaks", () => {
    const folder = folderWith({ file: "" });
    try {
      expect(saveMachine(undefined, loadMachine(undefined))).to.equal(false);
      expect(saveMachine(join(folder.path, "file/feeds.json"), loadMachine(undefined))).to.equal(false);
      mkdirSync(join(folder.path, "feeds.json"));
      expect(saveMachine(join(folder.path, "feeds.json"), loadMachine(join(folder.path, "feeds.json")))).to.equal(
        false,
      );
      expect(readdirSync(folder.path).sort()).to.deep.equal(["feeds.json", "file"]);
    } finally {
      folder.remove();
    }
  });

  it("is forgotten where it cannot be true", () => {
    const read = (text: string) => readMachine(text, () => guid);
    const nothing = { client: guid, versions: {}, heldOff: {} };
    for (const text of ["", "null", "[]", "{", '{"client":"me","versions":[],"heldOff":{"a":"soon"}}']) {
      expect(read(text), text).to.deep.equal(nothing);
    }
    expect(read('{"versions":{"a":{"version":"1","asked":"x"}}}')).to.deep.equal(nothing);
    expect(heldOffUntil(nothing, "constructor")).to.equal(undefined);
    expect(knownVersion(nothing, "toString", now)).to.equal(undefined);
  });

  it("holds a version for an hour, and one from the future not at all", () => {
    const machine = withVersion(
      readMachine(undefined, () => guid),
      "a",
      "2026110100",
      now,
    );
    const at = (time: string) => knownVersion(machine, "a", new Date(time));
    expect(at("2026-11-23T12:59:59Z")).to.equal("2026110100");
    expect(at("2026-11-23T13:00:00Z")).to.equal(undefined);
    expect(at("2026-11-23T11:59:59Z")).to.equal(undefined);
  });

  it("survives a file that is not its own", () => {
    const folder = folderWith({ "feeds.json": "not JSON" });
    try {
      const file = join(folder.path, "feeds.json");
      writeFileSync(file, Buffer.from([0xff, 0xfe, 0]));
      const machine = loadMachine(file);
      expect(machine.client).to.match(/^[0-9a-f-]{36}$/);
      saveMachine(file, machine);
      expect(JSON.parse(readFileSync(file, "utf8"))).to.deep.equal(machine);
    } finally {
      folder.remove();
    }
  });
});
