import { expect } from "chai";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Edge, EmittedFile } from "../../src/vendor-kit/index.js";
import type { Parameter, Release } from "../../vendors/windows-defender/cmdlets.js";
import { cmdlets, commonParameters, releases } from "../../vendors/windows-defender/cmdlets.js";
import { emitHosts } from "../../vendors/windows-defender/hosts.js";
import { quoted } from "../../vendors/windows-defender/powershell.js";
import { digestOf, scriptParts } from "../../vendors/windows-defender/powershell-form.js";
import { arbitraryRole, everyInbound, everyOutbound, hostsEdge, roleOf } from "../support/arbitrary-hosts.js";
import { targetOf } from "../support/edge.js";
import type { Call, Script, Table } from "../support/powershell.js";
import { quotedTexts, readScript } from "../support/powershell.js";
import { runs } from "../support/runs.js";

const templates = join(import.meta.dirname, "../../vendors/windows-defender/templates");

describe("the PowerShell for Windows hosts", function () {
  this.timeout(60_000);

  it("is understood by another reader of the language as a whole, with every kind of role", async () => {
    for (const file of scriptsOf(everyRole())) {
      expect((await readScript(file.text)).errors, file.path).to.deep.equal([]);
    }
  });

  it("calls nothing but its own functions and known cmdlets, with parameters and values that each release has", async () => {
    for (const file of scriptsOf(everyRole())) {
      const script = await readScript(file.text);
      for (const call of script.calls) checkCall(call, script, file.path);
    }
  });

  it("hands tables to cmdlets that hold nothing that any release would refuse", async () => {
    let tables = 0;
    for (const file of scriptsOf(everyRole())) {
      const script = await readScript(file.text);
      for (const [variable, cmdlet] of Object.entries(splatted)) {
        for (const table of script.tables.get(variable) ?? []) {
          tables++;
          checkTable(table, cmdlet, variable.startsWith("Smb") ? "2025" : "2016", file.path);
        }
      }
      for (const rule of script.tables.get("FirewallRules") ?? [])
        checkTable(forSet(rule), "Set-NetFirewallRule", "2016", file.path);
      for (const rule of script.tables.get("ConnectionSecurityRules") ?? [])
        checkTable(forSet(rule), "Set-NetIPsecRule", "2016", file.path);
    }
    expect(tables).to.be.greaterThan(25);
  });

  it("changes nothing under -WhatIf: every call that could says so to its cmdlet", async () => {
    for (const name of ["firewall.ps1.hbs", "smb.ps1.hbs"]) {
      const script = await readScript(template(name));
      const changing = script.calls.filter((call) => cmdlets[call.name]?.parameters["WhatIf"] !== undefined);
      expect(changing.length).to.be.greaterThan(5);
      for (const call of changing) expect(call.parameters.get("WhatIf"), call.text).to.equal("$WhatIfPreference");
      for (const call of script.calls.filter(({ name: cmdlet }) =>
        /^(Dis|En)able-WindowsOptionalFeature$/.test(cmdlet),
      )) {
        const before = template(name).slice(0, template(name).indexOf(call.text));
        expect(before.trimEnd().endsWith("if (-not $WhatIfPreference) {"), call.text).to.equal(true);
      }
    }
  });

  it("names the store in every call about rules", async () => {
    const script = await readScript(template("firewall.ps1.hbs"));
    for (const call of script.calls) {
      const hasStore = cmdlets[call.name]?.parameters["PolicyStore"] !== undefined;
      const byRule = [...call.parameters.keys()].some((name) => name.startsWith("Associated"));
      if (!hasStore || byRule) continue;
      const stores = call.splats.includes("which") || call.splats.includes("set") || call.parameters.has("PolicyStore");
      expect(stores, call.text).to.equal(true);
    }
    for (const name of ["which", "set"])
      for (const table of script.tables.get(name)!) expect(table.get("PolicyStore")).to.equal("$PolicyStore");
  });

  it("asks the release before it uses what newer ones have", () => {
    const text = template("smb.ps1.hbs");
    expect(text).to.contain(`(Get-Command -Name "Set-Smb\${Side}Configuration").Parameters.ContainsKey($Name)`);
    const body = /function Set-SmbSetting \{[^]*?\n\}/.exec(text)![0];
    expect(body.indexOf("Test-Parameter")).to.be.lessThan(body.indexOf("Write-SmbSetting"));
  });

  it("is known to our own reader by its program, which nobody can change unnoticed", () => {
    for (const { path, text } of scriptsOf(everyRole())) {
      const name = path.endsWith("smb.ps1") ? "smb" : "firewall";
      const parts = scriptParts(text)!;
      const program = text.slice(0, parts.dataStart) + text.slice(parts.dataStart + parts.data.length);
      expect(parts.program, `${path}: the program's digest is now ${digestOf(program)}`).to.equal(name);
      expect(scriptParts(text.replaceAll("\n", "\r\n"))?.program, "with the line ends of Windows").to.equal(name);
    }
  });

  it("is no longer known when any line of its program was removed or changed", () => {
    const [file] = scriptsOf(everyRole());
    const lines = file!.text.split("\n");
    const start = lines.indexOf("<#");
    const data = [lines.indexOf("#region data"), lines.indexOf("#endregion data")] as const;
    for (let i = start; i < lines.length - 1; i++) {
      if (i > data[0] && i < data[1]) continue;
      for (const changed of [lines.toSpliced(i, 1), lines.with(i, `${lines[i]} `)])
        expect(scriptParts(changed.join("\n"))?.program, lines[i]).to.equal(undefined);
    }
  });

  it("has its data in quotes that hold whatever a policy says", () => {
    fc.assert(
      fc.property(arbitraryRole(), (role) => {
        for (const { text } of scriptsOf(hostsEdge([role]))) {
          const { data } = scriptParts(text)!;
          expect(() => quotedTexts(data)).to.not.throw();
          expect(data).to.not.match(/[\u2028\u2029\x00-\x09\x0b-\x1f]/);
          for (const line of text.slice(0, text.indexOf("\n\n<#")).split("\n")) expect(line).to.match(/^\ufeff?#( |$)/);
        }
      }),
      runs(40),
    );
  });

  it("has no marks that turn the direction of writing, in which other text would be shown than runs", () => {
    const role = roleOf({ description: "a \u202e#> b \u2066 c \u200f" });
    for (const { path, text } of scriptsOf(hostsEdge([role]))) expect(text, path).to.not.match(/(?!^\ufeff)\p{Cf}/u);
  });

  it("keeps every quotation mark that PowerShell takes for one, doubled where it would end a text", () => {
    for (const sign of "'‘’‚‛\"“”„`$#@;|&(){}[]<>%") {
      for (const text of [sign, `a${sign}b`, `${sign}${sign}`, `${sign}; Stop-Computer; ${sign}`])
        expect(quotedTexts(quoted(text)), text).to.deep.equal([text]);
    }
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."'‘’‚‛\"“”„`$\n\r\t\u2028\u0000é日𠮷 ".split("")) }), (text) => {
        const [read, ...more] = quotedTexts(quoted(text));
        expect(more).to.deep.equal([]);
        expect(read).to.equal(
          text
            .replace(/\p{Cs}/gu, "\ufffd")
            .replace(/[\s\p{Cc}]+/gu, " ")
            .trim(),
        );
      }),
      runs(300),
    );
  });

  it("keeps Japanese names, in UTF-8 with a byte order mark", () => {
    const role = roleOf({ description: "営業部のノートパソコン" });
    const [file] = scriptsOf(hostsEdge([role]));
    const bytes = Buffer.from(file!.text, "utf8");
    expect([...bytes.subarray(0, 3)]).to.deep.equal([0xef, 0xbb, 0xbf]);
    const texts = quotedTexts(scriptParts(file!.text)!.data);
    expect(texts.filter((text) => text.includes("営業部のノートパソコン"))).to.not.be.empty;
  });

  it("writes what allows before what blocks, so that a run that stops half-way locks nobody out", async () => {
    for (const file of scriptsOf(everyRole())) {
      const rules = (await readScript(file.text)).tables.get("FirewallRules") ?? [];
      const actions = rules.map((rule) => rule.get("Action"));
      expect(actions, file.path).to.deep.equal([...actions].sort());
    }
    const body = /function Set-Everything \{[^]*?\n\}/.exec(template("firewall.ps1.hbs"))![0];
    const steps = [
      "Save-State",
      "Set-AuthenticationSet",
      "Set-ConnectionSecurityRule",
      "Set-FirewallRule",
      "Remove-Unwanted",
      "Disable-BuiltInRule",
    ];
    const places = steps.map((step) => body.indexOf(step));
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    expect(Math.min(...places)).to.be.greaterThan(0);
  });

  it("takes blocks away first when it is undone", () => {
    const body = /function Remove-Everything \{[^]*?\n\}/.exec(template("firewall.ps1.hbs"))![0];
    expect(body).to.contain(`Sort-Object -Property { "$($_.Action)" -ne 'Block' }`);
    expect(body.indexOf("Remove-NetFirewallRule")).to.be.lessThan(body.indexOf("Remove-NetIPsecRule"));
    expect(body.indexOf("Remove-NetIPsecRule")).to.be.lessThan(body.indexOf("Remove-AuthenticationSet"));
  });

  it("takes away all of its group when it is undone, not only what this output has", async () => {
    const { calls } = await readScript(template("firewall.ps1.hbs"));
    for (const what of [
      "NetFirewallRule",
      "NetIPsecRule",
      "NetIPsecPhase1AuthSet",
      "NetIPsecPhase2AuthSet",
      "NetIPsecQuickModeCryptoSet",
    ]) {
      const byGroup = calls.some((call) => call.name === `Get-${what}` && call.parameters.has("Group"));
      expect(byGroup, `${what} are found by their group`).to.equal(true);
      expect(calls.some((call) => call.name === `Remove-${what}`)).to.equal(true);
    }
  });
});

/** Which cmdlet takes a table. */
const splatted: Readonly<Record<string, string>> = {
  FirewallRules: "New-NetFirewallRule",
  ConnectionSecurityRules: "New-NetIPsecRule",
  FirewallProfiles: "Set-NetFirewallProfile",
  SmbServerConfiguration: "Set-SmbServerConfiguration",
  SmbClientConfiguration: "Set-SmbClientConfiguration",
};

/** As Set-FirewallRule and Set-ConnectionSecurityRule of the script change a table. */
function forSet(table: Table): Table {
  const fields = new Map(table);
  fields.set("NewDisplayName", fields.get("DisplayName")!);
  fields.delete("DisplayName");
  fields.delete("Group");
  return fields;
}

function checkTable(table: Table, cmdlet: string, release: Release, where: string): void {
  for (const [key, value] of table) {
    const parameter = cmdlets[cmdlet]!.parameters[key];
    expect(parameter, `${where}: ${cmdlet} has no -${key}`).to.not.equal(undefined);
    checkValue(parameter!, value, `${where}: ${cmdlet} -${key}`);
    const since = parameter!.since ?? "2016";
    expect(releases.indexOf(since), `${where}: ${cmdlet} -${key} is newer than ${release}`).to.be.at.most(
      releases.indexOf(release),
    );
  }
}

function checkValue(parameter: Parameter, value: string | readonly string[], where: string): void {
  switch (parameter.type) {
    case "enumeration":
      for (const one of [value].flat()) expect(parameter.values, where).to.include(one);
      return;
    case "boolean":
      expect(["$true", "$false"], where).to.include(value);
      return;
    case "text":
      expect(value, where).to.be.a("string").that.is.not.empty;
      return;
    case "texts":
      expect(value.length, where).to.be.greaterThan(0);
      return;
    default:
      expect.fail(`${where}: a table cannot give a ${parameter.type}`);
  }
}

function checkCall(call: Call, script: Script, where: string): void {
  const own = script.functions.get(call.name);
  if (own !== undefined) {
    for (const name of call.parameters.keys()) expect(own, `${where}: ${call.text}`).to.include(name);
    return;
  }
  const cmdlet = cmdlets[call.name];
  expect(cmdlet, `${where}: ${call.name} is no cmdlet that is known`).to.not.equal(undefined);
  for (const [name, value] of call.parameters) {
    if (name.startsWith("(position")) {
      expect(call.name, call.text).to.equal("Write-Host");
      continue;
    }
    const parameter = cmdlet!.parameters[name] ?? commonParameters[name];
    expect(parameter, `${where}: ${call.text} has -${name}`).to.not.equal(undefined);
    expect(parameter!.since, `${call.name} -${name} is not in every release`).to.equal(undefined);
    const isLiteral = value !== undefined && /^('[^']*'|[A-Za-z0-9.]+)$/.test(value);
    if (parameter!.type === "enumeration" && isLiteral) expect(parameter!.values).to.include(value.replace(/'/g, ""));
    if (parameter!.type === "switch") expect([undefined, "$WhatIfPreference"]).to.include(value);
  }
}

function template(name: string): string {
  return readFileSync(join(templates, name), "utf8")
    .replace(/\{\{#each header\}\}\n.*\n\{\{\/each\}\}\n/, "")
    .replace(/\{\{#each data\}\}\n.*\n\{\{\/each\}\}\n/, "");
}

/** Every way in, every way out, and everything that can be set. */
function everyRole(): Edge {
  const smb = {
    smb1: "removed",
    minimumDialect: "SMB3.0",
    encryption: "required",
    ciphers: ["AES-128-GCM", "AES-128-CCM"],
  } as const;
  return hostsEdge([
    ...everyOutbound.map((outbound, i) => roleOf({ inbound: everyInbound[i % everyInbound.length]!, outbound })),
    roleOf({ smb, name: "all-settings" }),
    roleOf({ kind: "isolated", serverService: "disabled", workstationService: "disabled" }),
  ]);
}

function scriptsOf(edge: Edge): EmittedFile[] {
  const target = targetOf("windows-defender", {});
  const { files } = emitHosts(
    edge,
    {
      prefix: "Ringwall",
      group: "Ringwall test: hosts",
      store: { kind: "local" },
      write: ["powershell"],
      header: ["Edge policy test"],
    },
    target,
  );
  return files.filter(({ path }) => path.endsWith(".ps1"));
}
