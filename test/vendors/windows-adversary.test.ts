import { expect } from "chai";
import { explainByDevice } from "../../src/jobs/explain.js";
import { readPacket } from "../../src/jobs/packet-syntax.js";
import type { Source } from "../../src/vendor-kit/index.js";
import windows from "../../vendors/windows-defender/index.js";

/**
 * What a text does with SMB from and to a public network, worked out by hand. `drop` is the answer that has to be right:
 * whoever reads it leaves the host as it is.
 */
type Answer = "drop" | "accept" | "continue" | "unknown";
type Way = "in" | "out";

const smb: Readonly<Record<Way, string>> = {
  in: "tcp 203.0.113.9:50000 > 192.0.2.5:445",
  out: "tcp 192.0.2.5:50000 > 203.0.113.9:445",
};

/** A case: what the text is, the way of the packet, what becomes of it, the text or the texts. */
type Case = readonly [title: string, way: Way, answer: Answer, ...texts: string[]];

function check(cases: readonly Case[], path: string): void {
  for (const [title, way, answer, ...texts] of cases)
    it(`${title}: ${way === "in" ? "inbound" : "outbound"} ${answer}`, () => {
      const sources = texts.map((text, i): Source => ({ path: path.replace(".", `${i + 1}.`), text }));
      for (const source of sources) expect(windows.detect(source), source.text.slice(0, 200)).to.be.greaterThan(0);
      const { device, diagnostics } = windows.parse(sources, {});
      const reading = readPacket(smb[way]);
      if (!reading.ok) throw new Error(smb[way]);
      const explained = explainByDevice(device, reading.packet, {
        direction: way === "in" ? "inbound" : "outbound",
        hook: way === "in" ? "input" : "output",
        sides: { outside: ["Public"], inside: [] },
      });
      expect(explained?.verdict, diagnostics.map(({ message }) => message).join("\n")).to.equal(answer);
    });
}

const POLICY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall";
const LOCAL = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy";
const BLOCK_IN = "v2.10|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=445|Name=b|";
const BLOCK_OUT = "v2.10|Action=Block|Active=TRUE|Dir=Out|Protocol=6|RPort=445|Name=b|";

function reg(...lines: string[]): string {
  return ["Windows Registry Editor Version 5.00", "", ...lines, ""].join("\r\n");
}

function key(name: string, ...values: string[]): string {
  return [`[${name}]`, ...values, ""].join("\r\n");
}

const rules = (...values: string[]): string =>
  reg(key(`${POLICY}\\FirewallRules`, ...values.map((value, i) => `"r${i}"="${value}"`)));

/** As `reg export` writes a long value: UTF-16 in hexadecimal digits, several lines. */
function inHex(text: string, type: string): string {
  const bytes = [...Buffer.from(`${text}\0`, "utf16le")].map((byte) => byte.toString(16).padStart(2, "0"));
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += 20) lines.push(bytes.slice(i, i + 20).join(","));
  return `hex(${type}):${lines.join(",\\\r\n  ")}`;
}

describe("Windows Defender, adversarial registry files", () => {
  check(
    [
      ["a block", "in", "drop", rules(BLOCK_IN)],
      ["a block says nothing of the other direction", "out", "continue", rules(BLOCK_IN)],
      ["a block without Active", "in", "continue", rules(BLOCK_IN.replace("Active=TRUE|", ""))],
      ["a block that is not active", "in", "continue", rules(BLOCK_IN.replace("TRUE", "FALSE"))],
      ["a block beats an allow behind it", "in", "drop", rules(BLOCK_IN, BLOCK_IN.replace("Block", "Allow"))],
      ["a block beats an allow before it", "in", "drop", rules(BLOCK_IN.replace("Block", "Allow"), BLOCK_IN)],
      [
        "a block of other profiles",
        "in",
        "continue",
        rules(BLOCK_IN.replace("|LPort", "|Profile=Domain|Profile=Private|LPort")),
      ],
      ["a block of a port range", "in", "drop", rules(BLOCK_IN.replace("LPort=445", "LPort2_10=400-500"))],
      [
        "a block of a range in the field of single ports",
        "in",
        "drop",
        rules(BLOCK_IN.replace("LPort=445", "LPort=400-500")),
      ],
      ["a block of a remote port", "in", "continue", rules(BLOCK_IN.replace("LPort=445", "RPort=445"))],
      ["a block of UDP", "in", "continue", rules(BLOCK_IN.replace("Protocol=6", "Protocol=17"))],
      ["a block of any protocol", "in", "drop", rules("v2.10|Action=Block|Active=TRUE|Dir=In|Name=b|")],
      [
        "a block with a subnet of full length, which is invalid or the host alone",
        "in",
        "continue",
        rules(BLOCK_IN.replace("|Name", "|RA4=203.0.113.10/32|Name")),
      ],
      ["a block with an unknown field", "in", "unknown", rules(BLOCK_IN.replace("|Name", "|Tomorrow=1|Name"))],
      [
        "a block with a field that every object has",
        "in",
        "unknown",
        rules(BLOCK_IN.replace("|Name", "|constructor=1|Name")),
      ],
      ["a block of one program", "in", "unknown", rules(BLOCK_IN.replace("|Name", "|App=System|Name"))],
      ["a block of an interface type", "in", "unknown", rules(BLOCK_IN.replace("|Name", "|IFType=Lan|Name"))],
      ["a block that was cut off", "in", "unknown", rules(BLOCK_IN.slice(0, -1))],
      ["a block of a version to come", "in", "unknown", rules(BLOCK_IN.replace("v2.10", "v3.0"))],
      ["a block with authentication", "in", "unknown", rules(BLOCK_IN.replace("|Name", "|Security=Authenticate|Name"))],
      [
        "a bypass beside a block",
        "in",
        "unknown",
        rules(BLOCK_IN, "v2.10|Action=ByPass|Active=TRUE|Dir=In|Protocol=6|LPort=445|Security=Authenticate|Name=c|"),
      ],
      [
        "a bypass outbound",
        "out",
        "unknown",
        rules(
          BLOCK_OUT,
          BLOCK_OUT.replace("Block", "Allow").replace(
            "|Name",
            "|Security=Authenticate|Security2_9=An-NoEncap|AuthByPassOut=TRUE|Name",
          ),
        ),
      ],
      [
        "an allow if secure that does not override",
        "out",
        "drop",
        rules(BLOCK_OUT, BLOCK_OUT.replace("Block", "Allow").replace("|Name", "|Security=Authenticate|Name")),
      ],
      [
        "a value in hexadecimal lines",
        "in",
        "drop",
        reg(key(`${POLICY}\\FirewallRules`, `"r"=${inHex(BLOCK_IN, "1")}`)),
      ],
      [
        "an expandable value in hexadecimal lines",
        "in",
        "drop",
        reg(key(`${POLICY}\\FirewallRules`, `"r"=${inHex(BLOCK_IN, "2")}`)),
      ],
      [
        "a list of texts, which is no rule",
        "in",
        "unknown",
        reg(key(`${POLICY}\\FirewallRules`, `"r"=${inHex(BLOCK_IN, "7")}`)),
      ],
      ["a byte order mark", "in", "drop", `\ufeff${rules(BLOCK_IN)}`],
      [
        "a later value of the same name",
        "in",
        "continue",
        reg(key(`${POLICY}\\FirewallRules`, `"r"="${BLOCK_IN}"`, `"R"="${BLOCK_IN.replace("TRUE", "FALSE")}"`)),
      ],
      [
        "a value that is deleted again",
        "in",
        "continue",
        reg(key(`${POLICY}\\FirewallRules`, `"r"="${BLOCK_IN}"`, `"r"=-`)),
      ],
      [
        "a key that is deleted again",
        "in",
        "continue",
        reg(key(`${POLICY}\\FirewallRules`, `"r"="${BLOCK_IN}"`), key(`-${POLICY}`)),
      ],
      ["a comment", "in", "continue", reg(`;"r"="${BLOCK_IN}"`, key(`${POLICY}\\FirewallRules`))],
      [
        "a key whose name only begins alike",
        "in",
        "continue",
        reg(key(`${POLICY}Old\\FirewallRules`, `"r"="${BLOCK_IN}"`)),
      ],
      [
        "a key of one user",
        "in",
        "continue",
        reg(key(`${POLICY.replace("LOCAL_MACHINE", "CURRENT_USER")}\\FirewallRules`, `"r"="${BLOCK_IN}"`)),
      ],
      [
        "the defaults that a reset would bring back",
        "in",
        "continue",
        reg(key(`${LOCAL.replace("Parameters", "Defaults")}\\FirewallRules`, `"r"="${BLOCK_IN}"`)),
      ],
      [
        "a profile of the defaults behind one that is off",
        "in",
        "accept",
        reg(
          key(`${LOCAL}\\FirewallRules`, `"r"="${BLOCK_IN}"`),
          key(`${LOCAL}\\PublicProfile`, `"EnableFirewall"=dword:00000000`),
          key(`${LOCAL.replace("Parameters", "Defaults")}\\PublicProfile`, `"EnableFirewall"=dword:00000001`),
        ),
      ],
      [
        "a key with the name of a word that every object has",
        "in",
        "drop",
        reg(
          key(`${POLICY}\\constructor`, `"EnableFirewall"=dword:0`),
          key(`${POLICY}\\FirewallRules`, `"r"="${BLOCK_IN}"`),
        ),
      ],
      [
        "rules of two control sets, of which one is in force",
        "in",
        "unknown",
        reg(
          key(
            `${LOCAL.replace("CurrentControlSet", "ControlSet001")}\\PublicProfile`,
            `"EnableFirewall"=dword:00000001`,
          ),
          key(`${LOCAL.replace("CurrentControlSet", "ControlSet002")}\\FirewallRules`, `"r"="${BLOCK_IN}"`),
        ),
      ],
      [
        "a profile that is off",
        "in",
        "accept",
        reg(
          key(`${POLICY}\\PublicProfile`, `"EnableFirewall"=dword:00000000`),
          key(`${POLICY}\\FirewallRules`, `"r"="${BLOCK_IN}"`),
        ),
      ],
      [
        "another profile that is off",
        "in",
        "drop",
        reg(
          key(`${POLICY}\\DomainProfile`, `"EnableFirewall"=dword:00000000`),
          key(`${POLICY}\\FirewallRules`, `"r"="${BLOCK_IN}"`),
        ),
      ],
      [
        "a profile's setting of another type",
        "in",
        "unknown",
        reg(
          key(`${POLICY}\\PublicProfile`, `"EnableFirewall"=hex(4):00,00,00,00`),
          key(`${POLICY}\\FirewallRules`, `"r"="${BLOCK_IN}"`),
        ),
      ],
      [
        "a local block where local rules do not count, and what then is default nobody says",
        "in",
        "unknown",
        reg(
          key(`${POLICY}\\PublicProfile`, `"AllowLocalPolicyMerge"=dword:00000000`),
          key(`${LOCAL}\\FirewallRules`, `"r"="${BLOCK_IN}"`),
        ),
      ],
      [
        "the service is disabled",
        "in",
        "unknown",
        reg(
          key(`${LOCAL}\\FirewallRules`, `"r"="${BLOCK_IN}"`),
          key("HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MpsSvc", `"Start"=dword:00000004`),
        ),
      ],
      [
        "addresses of one family block that family alone",
        "in",
        "continue",
        rules(BLOCK_IN.replace("|Name", "|RA6=::/1|RA6=8000::/1|Name")),
      ],
      ["LocalSubnet", "in", "unknown", rules(BLOCK_IN.replace("|Name", "|RA4=LocalSubnet|Name"))],
      [
        "a range that ends before it begins",
        "in",
        "unknown",
        rules(BLOCK_IN.replace("|Name", "|RA4=203.0.113.20-203.0.113.1|Name")),
      ],
      [
        "a port before its protocol",
        "in",
        "unknown",
        rules("v2.10|Action=Block|Active=TRUE|Dir=In|LPort=445|Protocol=6|Name=b|"),
      ],
      ["a field given twice", "in", "unknown", rules(BLOCK_IN.replace("|Name", "|Dir=Out|Name"))],
      [
        "an XP exception",
        "in",
        "unknown",
        reg(
          key(`${POLICY}\\FirewallRules`),
          key(`${POLICY}\\StandardProfile\\GloballyOpenPorts\\List`, `"445:TCP"="445:TCP:*:Enabled:x"`),
          key(`${POLICY}\\PublicProfile\\GloballyOpenPorts\\List`, `"445:TCP"="445:TCP:*:Enabled:x"`),
        ),
      ],
    ],
    "rules.reg",
  );
});

function shown(fields: Readonly<Record<string, string | undefined>>, name = "b"): string {
  const all: Record<string, string | undefined> = {
    Enabled: "Yes",
    Direction: "In",
    Profiles: "Domain,Private,Public",
    Grouping: "",
    LocalIP: "Any",
    RemoteIP: "Any",
    Protocol: "TCP",
    LocalPort: "445",
    RemotePort: "Any",
    "Edge traversal": "No",
    Program: "Any",
    Action: "Block",
    ...fields,
  };
  const line = (label: string, value: string): string => `${`${label}:`.padEnd(38)}${value}`;
  return [
    "",
    line("Rule Name", name),
    "-".repeat(70),
    ...Object.entries(all).flatMap(([label, value]) => (value === undefined ? [] : [line(label, value)])),
    "",
  ].join("\r\n");
}

function profileShown(profile: string, state: string, policy: string): string {
  return [
    "",
    `${profile} Profile Settings: `,
    "-".repeat(70),
    `State                                 ${state}`,
    `Firewall Policy                       ${policy}`,
    "Ok.",
    "",
  ].join("\r\n");
}

const pad = " ".repeat(38);

describe("Windows Defender, adversarial texts of netsh", () => {
  check(
    [
      ["a block", "in", "drop", shown({})],
      ["a block that is off", "in", "continue", shown({ Enabled: "No" })],
      ["a block of other profiles", "in", "continue", shown({ Profiles: "Domain,Private" })],
      ["a block with what is not shown without verbose", "in", "drop", shown({ Program: undefined })],
      ["a block without an action", "in", "unknown", shown({ Action: undefined })],
      ["a block without ports", "in", "unknown", shown({ LocalPort: undefined, RemotePort: undefined })],
      [
        "a description that looks like fields",
        "in",
        "unknown",
        shown({ Enabled: "No", Description: `x\r\n${"Enabled:".padEnd(38)}Yes` }),
      ],
      [
        "a description that looks like another rule",
        "in",
        "unknown",
        shown({ Description: `x\r\nRule Name: y`, Action: "Allow" }),
      ],
      [
        "addresses that go on in the next line",
        "in",
        "drop",
        shown({ RemoteIP: `10.0.0.0/8,\r\n${pad}203.0.113.0/24` }),
      ],
      [
        "addresses that go on in the next line, and are others",
        "in",
        "continue",
        shown({ RemoteIP: `10.0.0.0/8,192.168.0.0/255.255.0.0\r\n${pad}198.51.100.0/24` }),
      ],
      ["an address that every object has", "in", "unknown", shown({ RemoteIP: "constructor" })],
      ["a label that every object has", "in", "unknown", shown({ constructor: "x" })],
      ["a program of that name", "in", "unknown", shown({ Program: "constructor" })],
      ["a value of another language", "in", "unknown", shown({ Action: "Blockieren" })],
      ["computers that it is for", "in", "unknown", shown({ RemoteComputerGroup: "O:LSD:(A;;CC;;;S-1-5-21-1)" })],
      ["a bypass", "in", "unknown", shown({}) + shown({ Action: "Bypass", Security: "Authenticate" }, "c")],
      [
        "one rule of Core Networking does not make a list of all",
        "in",
        "continue",
        shown({ LocalPort: "68", Action: "Allow" }, "Core Networking - DHCP (DHCP-In)"),
      ],
      [
        "nor all of them with defaults",
        "in",
        "continue",
        shown({ LocalPort: "68", Action: "Allow" }, "Core Networking - DHCP (DHCP-In)") +
          shown({ LocalPort: "546", Action: "Allow" }, "Core Networking - DHCP for IPv6 (DHCPV6-In)"),
        profileShown("Public", "ON", "BlockInbound,AllowOutbound"),
      ],
      ["a profile that is off", "in", "accept", shown({}), profileShown("Public", "OFF", "BlockInbound,AllowOutbound")],
      [
        "a profile whose state is not understood",
        "in",
        "unknown",
        shown({}),
        profileShown("Public", "AUS", "BlockInbound,AllowOutbound"),
      ],
      [
        "everything in blocked",
        "in",
        "drop",
        shown({ Action: "Allow" }),
        profileShown("Public", "ON", "BlockInboundAlways,AllowOutbound"),
      ],
    ],
    "rules.txt",
  );
});

function exported(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    Name: "{1}",
    DisplayName: "b",
    Enabled: "True",
    Profile: "Any",
    Direction: "Inbound",
    Action: "Block",
    PolicyStoreSourceType: "Local",
    Protocol: "TCP",
    LocalPort: "445",
    RemotePort: "Any",
    IcmpType: "Any",
    LocalAddress: "Any",
    RemoteAddress: "Any",
    Program: "Any",
    Service: "Any",
    InterfaceType: "Any",
    Authentication: "NotRequired",
    Encryption: "NotRequired",
    OverrideBlockRules: false,
    ...fields,
  };
}

const json = (...values: unknown[]): string => JSON.stringify(values.length === 1 ? values[0] : values);
const core = exported({ Name: "CoreNet-DHCP-In", Protocol: "UDP", LocalPort: "68", RemotePort: "67", Action: "Allow" });
const other = exported({
  Name: "FPS-ICMP4-ERQ-In",
  Protocol: "1",
  LocalPort: "RPC",
  Action: "Allow",
  Enabled: "False",
});
const coreOut = exported({ ...core, Name: "CoreNet-DHCP-Out", Direction: "Outbound" });
const otherOut = exported({ Name: "FPS-LLMNR-Out-UDP", Direction: "Outbound", Protocol: "UDP", Action: "Allow" });
const closedProfile = {
  Name: "Public",
  Enabled: "True",
  DefaultInboundAction: "Block",
  DefaultOutboundAction: "Allow",
};

describe("Windows Defender, adversarial exports", () => {
  check(
    [
      ["one object instead of a list", "in", "drop", json(exported({}))],
      [
        "numbers of Windows PowerShell",
        "in",
        "drop",
        json([
          exported({
            Enabled: 1,
            Direction: 1,
            Action: 4,
            Profile: 0,
            InterfaceType: 0,
            Authentication: 0,
            Encryption: 0,
          }),
        ]),
      ],
      [
        "the number of a rule that is off",
        "in",
        "continue",
        json([exported({ Enabled: 2, Direction: 1, Action: 4, Profile: 0 })]),
      ],
      ["the number of an allow", "in", "accept", json([exported({ Enabled: 1, Direction: 1, Action: 2, Profile: 0 })])],
      ["the bits of profiles", "in", "continue", json([exported({ Profile: 3 })])],
      ["the bit of the public one", "in", "drop", json([exported({ Profile: 4 })])],
      ["a bit that nobody knows", "in", "unknown", json([exported({ Profile: 8 })])],
      [
        "ports in what Windows PowerShell makes of a list",
        "in",
        "drop",
        json([exported({ LocalPort: { value: ["139", "445"], Count: 2 } })]),
      ],
      ["a list in a list", "in", "drop", json([exported({ LocalPort: [["139"], ["445"]] })])],
      ["a list that -Depth cut off", "in", "unknown", json([exported({ LocalPort: "System.String[]" })])],
      ["an object that nobody understands", "in", "unknown", json([exported({ LocalPort: { a: 1 } })])],
      ["Enabled null", "in", "unknown", json([exported({ Enabled: null })])],
      ["Action missing", "in", "unknown", json([exported({ Action: undefined })])],
      ["Direction missing", "in", "unknown", json([core, exported({ Direction: "constructor" })])],
      [
        "without filters",
        "in",
        "unknown",
        json([{ Name: "x", DisplayName: "b", Enabled: 1, Profile: 0, Direction: 1, Action: 4 }]),
      ],
      [
        "an address filter missing",
        "in",
        "unknown",
        json([exported({ LocalAddress: undefined, RemoteAddress: undefined })]),
      ],
      ["an application filter missing", "in", "unknown", json([exported({ Program: undefined })])],
      ["a user", "in", "unknown", json([exported({ LocalUser: "O:LSD:(A;;CC;;;BA)" })])],
      [
        "an override beside it",
        "in",
        "unknown",
        json([
          exported({}),
          exported({ Name: "2", Action: "Allow", Authentication: "Required", OverrideBlockRules: true }),
        ]),
      ],
      ["cut off in the middle", "in", "unknown", json([exported({}), exported({ Name: "2" })]).slice(0, -40)],
      ["profile off", "in", "accept", json([exported({})]), json([{ ...closedProfile, Enabled: "False" }])],
      ["profile off by number", "in", "accept", json([exported({})]), json([{ ...closedProfile, Enabled: 0 }])],
      [
        "profile with a word that every object has",
        "in",
        "unknown",
        json([exported({})]),
        json([{ ...closedProfile, Enabled: "constructor" }]),
      ],
      [
        "profile's default with such a word",
        "in",
        "unknown",
        json([core, other]),
        json([{ ...closedProfile, DefaultInboundAction: "constructor" }]),
      ],
      ["a whole list that closes by default", "in", "drop", json([core, other]), json([closedProfile])],
      ["a whole list whose defaults nobody says", "in", "unknown", json([core, other])],
      [
        "a whole list with defaults not configured",
        "in",
        "unknown",
        json([core, other]),
        json([{ ...closedProfile, DefaultInboundAction: "NotConfigured" }]),
      ],
      [
        "a whole list whose default lets all in",
        "in",
        "accept",
        json([core, other]),
        json([{ ...closedProfile, DefaultInboundAction: "Allow" }]),
      ],
      [
        "rules of Core Networking alone, as -DisplayGroup gives them",
        "in",
        "continue",
        json([core, exported({ ...core, Name: "CoreNet-IGMP-In" })]),
        json([closedProfile]),
      ],
      [
        "a whole list that closes outbound by default",
        "out",
        "drop",
        json([coreOut, otherOut]),
        json([{ ...closedProfile, DefaultOutboundAction: "Block" }]),
      ],
      [
        "rules of one direction say nothing of the other",
        "out",
        "continue",
        json([core, other]),
        json([{ ...closedProfile, DefaultOutboundAction: "Block" }]),
      ],
      [
        "Intune blocks",
        "in",
        "drop",
        json({
          "@odata.type": "#microsoft.graph.windows10EndpointProtectionConfiguration",
          firewallRules: [
            {
              displayName: "b",
              protocol: 6,
              localPortRanges: ["445"],
              remotePortRanges: [],
              localAddressRanges: [],
              remoteAddressRanges: [],
              profileTypes: ["public"],
              action: "blocked",
              trafficDirection: "in",
              interfaceTypes: ["notConfigured"],
              edgeTraversal: "blocked",
            },
          ],
        }),
      ],
      [
        "Intune has a setting that nobody knows",
        "in",
        "unknown",
        json({
          "@odata.type": "#microsoft.graph.windows10EndpointProtectionConfiguration",
          firewallProfilePublic: { firewallEnabled: "allowed", tomorrow: true },
          firewallRules: [],
        }),
      ],
      [
        "Intune blocks all that comes in",
        "in",
        "drop",
        json({
          "@odata.type": "#microsoft.graph.windows10EndpointProtectionConfiguration",
          firewallProfilePublic: {
            firewallEnabled: "allowed",
            incomingTrafficBlocked: true,
            stealthModeRequired: true,
          },
          firewallRules: [],
        }),
      ],
      [
        "Intune turns the firewall off",
        "in",
        "accept",
        json({
          "@odata.type": "#microsoft.graph.windows10EndpointProtectionConfiguration",
          firewallProfilePublic: { firewallEnabled: "blocked" },
          firewallRules: [
            {
              displayName: "b",
              protocol: 6,
              localPortRanges: ["445"],
              profileTypes: ["public"],
              action: "blocked",
              trafficDirection: "in",
            },
          ],
        }),
      ],
    ],
    "rules.json",
  );
});

const ADD = "netsh advfirewall firewall add rule name=b dir=in action=block protocol=TCP localport=445";
const OFF = "netsh advfirewall set allprofiles state off";

describe("Windows Defender, adversarial batch files", () => {
  check(
    [
      ["a block", "in", "drop", `@echo off\r\n${ADD}\r\n`],
      ["a remark", "in", "continue", `@echo off\r\n${ADD.replace("445", "446")}\r\nrem ${ADD}\r\n`],
      ["what is only said", "in", "continue", `${ADD.replace("445", "446")}\r\necho ${ADD}\r\n`],
      ["what is said and then done", "in", "accept", `${ADD}\r\necho now & ${OFF}\r\n`],
      ["echo off and then done, on one line", "in", "accept", `@echo off&${OFF}\r\n${ADD}\r\n`],
      ["a title and then done", "in", "accept", `${ADD}\r\ntitle x&&${OFF}\r\n`],
      ["said into netsh", "in", "unknown", `${ADD}\r\necho advfirewall set allprofiles state off | netsh\r\n`],
      ["a caret in the word", "in", "accept", `${ADD}\r\nnet^sh advfirewall set allprofiles state off\r\n`],
      ["quotation marks in the word", "in", "accept", `${ADD}\r\n"netsh" advfirewall set allprofiles state off\r\n`],
      [
        "another folder",
        "in",
        "accept",
        `${ADD}\r\n%SystemRoot%\\System32\\netsh.exe advfirewall set allprofiles state off\r\n`,
      ],
      ["a block that is deleted", "in", "continue", `${ADD}\r\nnetsh advfirewall firewall delete rule name=b\r\n`],
      ["a reset", "in", "unknown", `${ADD}\r\nnetsh advfirewall reset\r\n`],
      ["by a variable", "in", "unknown", `set X=off\r\n${ADD}\r\nnetsh advfirewall set allprofiles state %X%\r\n`],
      ["a call", "in", "accept", `${ADD}\r\ncall ${OFF}\r\n`],
      ["under a condition", "in", "unknown", `${ADD}\r\nif exist x ${OFF}\r\n`],
    ],
    "rules.cmd",
  );
});

const NEW = "New-NetFirewallRule -Name b -DisplayName b -Direction Inbound -Action Block -Protocol TCP -LocalPort 445";

describe("Windows Defender, adversarial PowerShell", () => {
  check(
    [
      ["a block", "in", "drop", `${NEW}\n`],
      ["a block in a remark", "in", "continue", `${NEW.replace("445", "446")}\n<#\n${NEW}\n#>\n# ${NEW}\n`],
      ["a block of the public profile", "in", "drop", `${NEW} -Profile Public\n`],
      ["a block of another", "in", "continue", `${NEW} -Profile Domain,Private\n`],
      ["disabled", "in", "continue", `${NEW} -Enabled False\n`],
      ["by a backtick", "in", "drop", `${NEW.replace(" -Action", " `\n  -Action")}\n`],
      ["typographic quotes", "in", "drop", `${NEW.replace("Inbound", "\u2018Inbound\u2019")}\n`],
      ["a computed port", "in", "unknown", `${NEW.replace("445", "$port")}\n`],
      ["removed", "in", "continue", `${NEW}\nRemove-NetFirewallRule -Name b\n`],
      ["removed by a wildcard", "in", "continue", `${NEW}\nRemove-NetFirewallRule -DisplayName *\n`],
      ["removed perhaps", "in", "unknown", `${NEW}\nRemove-NetFirewallRule -Name $x\n`],
      ["all off", "in", "accept", `${NEW}\nSet-NetFirewallProfile -Enabled False\n`],
      ["all off by what abbreviates two parameters", "in", "unknown", `${NEW}\nSet-NetFirewallProfile -Ena False\n`],
      ["off by another command", "in", "accept", `${NEW}\nnetsh advfirewall set allprofiles state off\n`],
      ["off under a condition", "in", "unknown", `${NEW}\nif ($x) { Set-NetFirewallProfile -Enabled False }\n`],
      ["off by a text", "in", "unknown", `${NEW}\nInvoke-Expression "Set-Net$('FirewallProfile') -Enabled False"\n`],
      ["-WhatIf does nothing", "in", "continue", `${NEW} -WhatIf\n`],
      ["the service stopped", "in", "unknown", `${NEW}\nStop-Service MpsSvc\n`],
      [
        "copied elsewhere",
        "in",
        "unknown",
        `New-NetFirewallRule -DisplayName c -Action Allow -LocalPort 446 -Protocol TCP\n${NEW} | Disable-NetFirewallRule\n`,
      ],
      ["a store of its own", "in", "drop", `${NEW} -PolicyStore 'corp.example.com\\Edge'\n`],
      ["ended before", "in", "continue", `exit\n${NEW}\n${NEW}\n`],
      ["a check that may end it before, and is taken as passed", "in", "drop", `if ($x) { exit }\n${NEW}\n`],
    ],
    "rules.ps1",
  );
});

describe("Windows Defender, scripts that do more than their rules say", () => {
  const drop = "drop" as const;
  check(
    [
      [
        "a variable set by its name",
        "in",
        "unknown",
        `$a = 'Block'\nSet-Variable -Name a -Value Allow\n${NEW.replace("Block", "$a")}\n`,
      ],
      [
        "values that every call gets",
        "in",
        "unknown",
        `$PSDefaultParameterValues['New-NetFirewallRule:Enabled'] = 'False'\n${NEW}\n`,
      ],
      ["a function of the cmdlet's name", "in", "unknown", `function New-NetFirewallRule { }\n${NEW}\n`],
      ["a preference that only shows", "in", "unknown", `$WhatIfPreference = $true\n${NEW}\n`],
      ["a preference that others read", "in", drop, `Write-Host $WhatIfPreference\n${NEW}\n`],
      ["the service by sc", "in", "unknown", `${NEW}\nsc.exe config mpssvc start= disabled\n`],
      [
        "a splatted table that is changed",
        "in",
        "unknown",
        `$p = @{ DisplayName = 'b'; Direction = 'Inbound'; Action = 'Block'; Protocol = 'TCP'; LocalPort = 445 }\n$p['Action'] = 'Allow'\nNew-NetFirewallRule @p\n`,
      ],
      ["another shell", "in", "unknown", `${NEW}\ncmd /c "${OFF}"\n`],
      [
        "COM",
        "in",
        "unknown",
        `${NEW}\n$p = New-Object -ComObject HNetCfg.FwPolicy2\n$p.FirewallEnabled(4) = $false\n`,
      ],
      [
        "the registry",
        "in",
        "unknown",
        `${NEW}\nSet-ItemProperty -Path HKLM:\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\PublicProfile -Name EnableFirewall -Value 0\n`,
      ],
    ],
    "more.ps1",
  );
  check(
    [
      ["the service by sc", "in", "unknown", `${ADD}\r\nsc config mpssvc start= disabled\r\n`],
      ["the service by net", "in", "unknown", `${ADD}\r\nnet stop mpssvc\r\n`],
      ["a command that nobody can read", "in", "unknown", `${ADD}\r\npowershell -NoProfile -enc AAAA\r\n`],
      ["a context by a flag", "in", "unknown", `${ADD}\r\nnetsh -c advfirewall set allprofiles state off\r\n`],
      ["an abbreviation", "in", "unknown", `${ADD}\r\nnetsh adv set all state off\r\n`],
      ["ended before", "in", "unknown", `exit /b\r\n${ADD}\r\n`],
      ["ended afterwards", "in", drop, `${ADD}\r\nexit /b 0\r\n`],
      [
        "the registry",
        "in",
        "accept",
        `${ADD}\r\nreg add HKLM\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\PublicProfile /v EnableFirewall /t REG_DWORD /d 0 /f\r\n`,
      ],
    ],
    "more.cmd",
  );
});
