import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../src/commands/run.js";
import { explain } from "../../src/index.js";
import { folderWith, keptIo } from "../support/command.js";

const example = join(import.meta.dirname, "../../examples/smb-hosts");

describe("explain --role", () => {
  it("says what a host does in each category of networks, and what that depends on", async () => {
    const { exit, stdout } = await ask("client", "outbound", "tcp 10.20.1.5 > 10.1.4.3:445");
    expect(exit).to.equal(0);
    const lines = stdout.split("\n");
    expect(lines).to.include("leaving by domain; leaving by private: unknown");
    expect(stdout).to.contain("the text does not say whether: IPsec has authenticated the connection");
    expect(stdout).to.contain("drop if not, accept if so, decided by role client: authenticated SMB to");
    expect(lines).to.include("leaving by public: drop");
  });

  it("says that a server lets trusted networks in", async () => {
    const { stdout } = await ask("file-server", "inbound", "tcp 10.20.1.5 > 10.1.4.3:445");
    expect(stdout).to.contain("arriving on domain; arriving on private: accept");
    expect(stdout).to.contain("arriving on public: drop");
  });

  it("refuses a role that there is not, with the nearest name, and a role of a configuration", async () => {
    const wrong = await ask("clent", "inbound", "tcp 10.20.1.5 > 10.1.4.3:445");
    expect([wrong.exit, wrong.stdout]).to.deep.equal([2, ""]);
    expect(wrong.stderr).to.contain('policy.yaml has no role "clent" (did you mean "client"?)');
    const script = "output/windows-defender/hosts/client/ringwall.ps1";
    const configuration = await ask("client", "inbound", "tcp 10.20.1.5 > 10.1.4.3:445", script);
    expect(configuration.stderr).to.contain("--role asks about a policy, and there is none here");
  });

  it("agrees with what is said of the role's script", async () => {
    const script = "output/windows-defender/hosts/client/ringwall.ps1";
    const io = keptIo(example);
    const words = ["explain", script, "--outside", "Public", "--hook", "output", "--direction", "outbound"];
    expect(await run([...words, "--packet", "tcp 10.20.1.5 > 10.1.4.3:445"], io)).to.equal(0);
    expect(io.kept.stdout).to.match(
      /^tcp 10\.20\.1\.5:50000 > 10\.1\.4\.3:445, outbound, from the firewall itself: drop/,
    );
  });

  it("is in the library, too", async () => {
    const policy = readFileSync(join(example, "policy.yaml"), "utf8");
    const feed = readFileSync(join(example, "../feeds/ServiceTags_China.json"), "utf8");
    const question = { packet: "tcp 10.20.1.5 > 192.0.2.1:445", direction: "outbound" } as const;
    const subject = { policy, files: { "../feeds/ServiceTags_China.json": feed } };
    expect((await explain(subject, { ...question, role: "client" })).explanation?.verdict).to.equal("drop");
    expect((await explain(subject, { ...question, role: "nobody" })).explanation).to.equal(undefined);
  });

  async function ask(role: string, direction: string, packet: string, file = "policy.yaml") {
    const io = keptIo(example);
    const exit = await run(["explain", file, "--role", role, "--direction", direction, "--packet", packet], io);
    return { exit, ...io.kept };
  }
});

describe("compile with roles", () => {
  it("tells no way to apply a file that was not written", async () => {
    const folder = folderWith({});
    try {
      const io = keptIo(folder.path);
      expect(await run(["compile", join(example, "policy.yaml"), "--out", "out"], io)).to.equal(0);
      expect(io.kept.stdout).to.contain("to apply: powershell");
      expect(io.kept.stdout).to.not.contain("registry.pol");
    } finally {
      folder.remove();
    }
  });
});

describe("explain of a host's configuration", () => {
  it("asks about packets to and from the host where nothing goes through it", async () => {
    const io = keptIo(example);
    const words = ["explain", "output/windows-defender/hosts/client/ringwall.ps1", "--direction", "inbound"];
    expect(await run([...words, "--packet", "tcp 192.0.2.1 > 10.1.4.3:445"], io)).to.equal(0);
    expect(io.kept.stdout).to.contain("inbound, to the firewall itself: drop");
  });
});

describe("diff --role", () => {
  const roles = ["client", "member-server", "file-server", "domain-controller", "terminal"];
  const scriptOf = (role: string): string => `output/windows-defender/hosts/${role}/ringwall.ps1`;

  for (const role of roles) {
    it(`finds the script of ${role} equal to its role`, async () => {
      const { exit, stdout } = await compare(["policy.yaml", scriptOf(role)], role);
      expect([exit, stdout.split("\n")[0]]).to.deep.equal([
        0,
        `equal: policy.yaml (role ${role}) and ${scriptOf(role)} let the same packets pass (compared on the first packets of connections)`,
      ]);
    });
  }

  it("tells a role from another, with a packet", async () => {
    const { exit, stdout } = await compare(["policy.yaml", scriptOf("client")], "file-server");
    expect(exit).to.equal(1);
    expect(stdout).to.contain("IPv4 tcp 10.1.0.10/31,10.1.4.0/28,10.20.0.0/16 > any:445");
  });

  it("sees what a host with other rules lets through in public networks", async () => {
    const folder = folderWith({
      "rules.ps1":
        "New-NetFirewallRule -DisplayName x -Direction Outbound -Action Block -Protocol TCP -RemotePort 445 -Profile Domain",
      "policy.yaml": readFileSync(join(example, "policy.yaml"), "utf8").replace("../feeds", join(example, "../feeds")),
    });
    try {
      const { exit, stdout } = await compare(["policy.yaml", "rules.ps1"], "terminal", folder.path);
      expect(exit).to.equal(1);
      expect(stdout).to.contain("leaving by Private");
      expect(stdout).to.contain("leaving by Public");
      expect(stdout).to.not.contain("leaving by Domain");
    } finally {
      folder.remove();
    }
  });

  it("refuses a role where there is no policy", async () => {
    const { exit, stderr } = await compare([scriptOf("client"), scriptOf("terminal")], "client");
    expect(exit).to.equal(2);
    expect(stderr).to.contain("--role asks about a policy, and there is none here");
  });

  async function compare(files: readonly string[], role: string, cwd = example) {
    const io = keptIo(cwd);
    const exit = await run(["diff", ...files, "--role", role], io);
    return { exit, ...io.kept };
  }
});
