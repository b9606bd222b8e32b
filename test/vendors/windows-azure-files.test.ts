import { expect } from "chai";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SmbDialect } from "../../src/vendor-kit/index.js";
import { fileServiceFiles } from "../../vendors/windows-defender/file-service.js";
import { roleOf } from "../support/arbitrary-hosts.js";
import { targetOf } from "../support/edge.js";

/** What the storage accounts of Azure Files ask for. `az` here is a stand-in that writes down how it was called. */
describe("settings of Azure Files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ringwall-az-"));
    writeFileSync(join(folder, "az"), '#!/bin/sh\nprintf "%s\\n" "$*" >>"$(dirname "$0")/calls"\n');
    chmodSync(join(folder, "az"), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are SMB 3 and encryption, with the cipher that SMB 3.0 knows, and secure transfer", () => {
    expect(run("SMB3.0", "rg", "acct")).to.deep.equal([
      "storage account update --resource-group rg --name acct --https-only true --output none",
      "storage account file-service-properties update --resource-group rg --account-name acct --versions SMB3.0;SMB3.1.1 " +
        "--channel-encryption AES-128-CCM;AES-128-GCM;AES-256-GCM --output none",
    ]);
  });

  it("are SMB 3.1.1 alone where every role asks for it", () => {
    expect(run("SMB3.1.1", "rg", "acct")[1]).to.contain(
      "--versions SMB3.1.1 --channel-encryption AES-128-GCM;AES-256-GCM ",
    );
  });

  it("can be shown without changing anything", () => {
    for (const call of run("SMB3.0", "rg", "acct", "--show")) expect(call).to.match(/ show /);
  });

  it("keep a name with spaces together, and refuse a wrong use", () => {
    expect(run("SMB3.0", "my group", "acct")[0]).to.contain("--resource-group my group --name acct");
    const script = write("SMB3.0");
    for (const words of [[], ["rg"], ["rg", "acct", "--delete"], ["rg", "acct", "--show", "x"]])
      expect(spawnSync(script, words, { env: { PATH: `${folder}:/usr/bin:/bin` } }).status, words.join()).to.equal(2);
  });

  it("say the same as Bicep", () => {
    const bicep = files("SMB3.0").find(({ path }) => path.endsWith(".bicep"))!.text;
    expect(bicep).to.contain("versions: 'SMB3.0;SMB3.1.1'");
    expect(bicep).to.contain("channelEncryption: 'AES-128-CCM;AES-128-GCM;AES-256-GCM'");
    expect(bicep).to.match(/encryptionInTransit: \{\n\s+required: true\n/);
    const open = [...bicep].filter((sign) => sign === "{").length;
    expect([...bicep].filter((sign) => sign === "}").length).to.equal(open);
  });

  function files(minimumDialect: SmbDialect) {
    const smb = { smb1: "removed", minimumDialect, encryption: "required", ciphers: [] } as const;
    const hosts = { roles: [roleOf({ smb })], cloudFiles: true };
    return fileServiceFiles(hosts, ["Edge policy test"], "azure-files/", targetOf("windows-defender", {}));
  }

  function write(dialect: SmbDialect): string {
    const script = join(folder, "file-service.sh");
    writeFileSync(script, files(dialect).find(({ path }) => path.endsWith(".sh"))!.text);
    chmodSync(script, 0o755);
    return script;
  }

  function run(dialect: SmbDialect, ...words: readonly string[]): string[] {
    execFileSync(write(dialect), words, { env: { PATH: `${folder}:/usr/bin:/bin` } });
    return readFileSync(join(folder, "calls"), "utf8").trimEnd().split("\n");
  }
});
