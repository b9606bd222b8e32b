import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../src/commands/run.js";
import { explain } from "../../src/index.js";
import { keptIo } from "../support/command.js";

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
    expect(configuration.stderr).to.contain("--role asks about a policy, and this is a configuration");
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
