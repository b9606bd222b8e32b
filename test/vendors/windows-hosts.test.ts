import { expect } from "chai";
import fc from "fast-check";
import { compileTarget } from "../../src/jobs/compile.js";
import type { CompiledTarget } from "../../src/jobs/compile.js";
import type { Edge, Emission, Vendor } from "../../src/vendor-kit/index.js";
import { secureOptions, trustedProfiles } from "../../src/vendor-kit/index.js";
import windows from "../../vendors/windows-defender/index.js";
import { arbitraryRole, everyInbound, everyOutbound, hostsEdge, roleOf } from "../support/arbitrary-hosts.js";
import { network, targetOf } from "../support/edge.js";
import { runs } from "../support/runs.js";

describe("roles of hosts, written for Windows", function () {
  this.timeout(120_000);

  it("mean what the policy says, every way in with every way out", () => {
    for (const inbound of everyInbound)
      for (const outbound of everyOutbound)
        for (const trusted of [trustedProfiles, ["domain"] as const])
          expectProved(hostsEdge([roleOf({ inbound, outbound, trustedProfiles: trusted })]));
  });

  it("mean it in Group Policy values too, as far as those go", () => {
    for (const secure of secureOptions) {
      const outbound = { kind: "authenticated", to: network("servers", "10.0.0.5"), secure } as const;
      const compiled = expectProved(hostsEdge([roleOf({ outbound })]), { write: ["powershell", "registry"] });
      expect(messages(compiled)).to.contain("the registry form has no connection security rules (client)");
    }
  });

  it("mean it whatever is combined, with lists that need several rules", () => {
    fc.assert(
      fc.property(fc.array(arbitraryRole(), { minLength: 1, maxLength: 3 }), (roles) => {
        expectProved(hostsEdge(roles));
      }),
      runs(40),
    );
  });

  it("are not written as Group Policy values alone, which lack what authenticates", () => {
    const compiled = compile(hostsEdge([roleOf()]), { write: ["registry"] });
    expect([compiled.files.length, compiled.proof]).to.deep.equal([0, "skipped"]);
    expect(messages(compiled)).to.contain("with it alone nothing is authenticated, and SMB to servers stops");
    expectProved(hostsEdge([roleOf({ outbound: { kind: "trusted-profiles" } })]), { write: ["registry"] });
  });

  it("are not written for Intune, which cannot allow if secure: the block beside it would cut all SMB", () => {
    const compiled = compile(hostsEdge([roleOf()]), { write: ["intune"] });
    expect(compiled.files).to.deep.equal([]);
    expect(messages(compiled)).to.contain("the firewall settings of Intune (Firewall CSP) have no such rule");
  });

  it("are written for Intune where nothing is allowed", () => {
    expectProved(hostsEdge([roleOf({ outbound: { kind: "trusted-profiles" } })]), { write: ["intune"] });
  });

  it("go to a Group Policy object when one is named", () => {
    const { files } = expectProved(hostsEdge([roleOf()]), { gpo: "corp.example.com\\SMB clients" });
    const script = files.find(({ path }) => path === "hosts/client/ringwall.ps1")!;
    expect(script.text).to.contain("$DefaultPolicyStore = 'corp.example.com\\SMB clients'");
  });

  it("cut what cannot authenticate out of the blocks, because a block beats an allow", () => {
    const nas = network("nas", "10.20.0.9");
    const outbound = { kind: "authenticated", to: network("servers", "10.0.0.5"), secure: "authenticated" } as const;
    const { files } = expectProved(hostsEdge([roleOf({ outbound: { ...outbound, withoutAuthentication: nas } })]));
    const { text } = files.find(({ path }) => path === "hosts/client/ringwall.ps1")!;
    expect(text).to.contain("'0.0.0.0-10.20.0.8'\n        '10.20.0.10-255.255.255.255'");
  });

  describe("are refused by the proof when of a script", () => {
    const smb = {
      smb1: "removed",
      minimumDialect: "SMB3.0",
      encryption: "required",
      ciphers: ["AES-128-GCM", "AES-128-CCM"],
    } as const;
    const servers = network("servers", "10.0.0.5", "10.0.1.0/28");
    const outbound = {
      kind: "authenticated",
      to: servers,
      secure: "authenticated",
      // Else a public network would be closed by the rule for trusted ones, too.
      withoutAuthentication: network("nas", "10.20.0.9"),
    } as const;
    const edge = hostsEdge([
      roleOf({ outbound, smb }),
      roleOf({ kind: "file-server", inbound: { kind: "trusted", from: servers }, outbound, smb }),
      roleOf({
        kind: "isolated",
        outbound: { kind: "none" },
        serverService: "disabled",
        workstationService: "disabled",
      }),
    ]);

    // Names, words for people and where the state is kept: changing these changes nothing on the wire.
    const harmless =
      /^ *(DisplayName|Description|Group|Name|Kind|IPsecRuleName) += |^\$(Policy|Role|Group|StateName|DefaultPolicyStore) = |^#|^$/;

    it("any line of the data was removed", () => {
      let tried = 0;
      eachLine(edge, (line, without) => {
        if (harmless.test(line) || line === "" || optional(line)) return;
        tried++;
        expect(without(), line).to.not.equal("proved");
      });
      expect(tried).to.be.greaterThan(80);
    });

    it("any word of the data was changed", () => {
      const changes: Readonly<Record<string, string>> = {
        "'True'": "'False'",
        "'Block'": "'Allow'",
        "'Allow'": "'Block'",
        "'Inbound'": "'Outbound'",
        "'Outbound'": "'Inbound'",
        "'TCP'": "'UDP'",
        "'445'": "'444'",
        "'Required'": "'NotRequired'",
        "'Domain'": "'Public'",
        "'Private'": "'Public'",
        "'Request'": "'None'",
        $true: "$false",
        $false: "$true",
        "'10.0.0.5'": "'10.0.0.6'",
        "'10.20.0.10-": "'10.20.0.9-",
        "'SMB300'": "'SMB210'",
        _GCM: "_CCM",
        "'no-shares'": "'no-domain-member'",
        "'LanmanServer'": "'LanmanWorkstation'",
        "'SMB1Protocol'": "'SMB2Protocol'",
        "'FPS-SMB-In-TCP'": "'FPS-SMB-Out-TCP'",
      };
      const used = new Set<string>();
      eachLine(edge, (line, _without, replaced) => {
        if (harmless.test(line)) return;
        for (const [from, to] of Object.entries(changes)) {
          // What else than these words a line means is not touched.
          if (!line.includes(from) || /EdgeTraversalPolicy|Platform/.test(line)) continue;
          used.add(from);
          expect(replaced(line.replace(from, to)), `${line} with ${to}`).to.not.equal("proved");
        }
      });
      expect([...used].sort()).to.deep.equal(Object.keys(changes).sort());
    });

    it("a line of the program was changed", () => {
      let i = 0;
      eachLine(
        edge,
        (line, without) => {
          // Every program has hundreds of lines, and each change is the same to the reader: some will do.
          if (i++ % 40 === 0) expect(without(), line).to.equal("failed");
        },
        "program",
      );
      expect(i).to.be.greaterThan(500);
    });
  });
});

/** Lines without which Windows does the same: what is its default. */
function optional(line: string): boolean {
  return (
    /^ +(EdgeTraversalPolicy|Enabled|Program|Service|InterfaceType|LocalAddress|Encryption) += |^\$\w+ = @\(\)$/.test(
      line,
    ) || /= '(Any|Allow|Inbound)'$/.test(line)
  );
}

function compile(
  edge: Edge,
  options: Readonly<Record<string, unknown>> = {},
  vendor: Vendor = windows,
): CompiledTarget {
  return compileTarget(edge, vendor, targetOf("windows-defender", { write: ["powershell"], ...options }), {
    proof: true,
  });
}

function expectProved(edge: Edge, options: Readonly<Record<string, unknown>> = {}): CompiledTarget {
  const compiled = compile(edge, options);
  expect(compiled.proof, messages(compiled)).to.equal("proved");
  return compiled;
}

function messages({ diagnostics }: CompiledTarget): string {
  return diagnostics.map((one) => `${one.message}\n${one.help ?? ""}`).join("\n");
}

type Attempt = CompiledTarget["proof"];

/** Calls back for each line of each script of the roles, with what the proof says when the line is gone or another one. */
function eachLine(
  edge: Edge,
  look: (line: string, without: () => Attempt, replaced: (by: string) => Attempt) => void,
  part: "data" | "program" = "data",
): void {
  const emission = windows.emit(edge, targetOf("windows-defender", { write: ["powershell"] }));
  for (const file of emission.files.filter(({ path }) => path.startsWith("hosts/") && path.endsWith(".ps1"))) {
    const lines = file.text.split("\n");
    const begin = lines.indexOf("#region data");
    const end = lines.indexOf("#endregion data");
    lines.forEach((line, i) => {
      const inData = i > begin && i < end;
      if (part === "data" ? !inData : inData || i < lines.indexOf("<#") || i === lines.length - 1) return;
      const tried = (changed: readonly string[]): Attempt => {
        const files = emission.files.map((one) => (one === file ? { ...one, text: changed.join("\n") } : one));
        const claims = emission.claims.filter(({ reads }) => reads.includes(file.path));
        return compile(edge, {}, saying({ ...emission, files, claims })).proof;
      };
      look(
        line,
        () => tried(lines.toSpliced(i, 1)),
        (by) => tried(lines.with(i, by)),
      );
    });
  }
}

/** The vendor with an emission that is not its own. */
function saying(emission: Emission): Vendor {
  return { ...windows, emit: () => emission };
}
