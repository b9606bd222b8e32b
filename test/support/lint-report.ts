import type { Source, Span } from "../../src/diagnostics/index.js";
import { diagnostic, span } from "../../src/diagnostics/index.js";
import type { Packet } from "../../src/ir/index.js";
import { readPacket } from "../../src/jobs/packet-syntax.js";
import type { Finding } from "../../src/lint/index.js";
import type { FormatEnv, LintReport, Reported, ReportedDevice, RuleAbout } from "../../src/report/lint/index.js";
import { fingerprints } from "../../src/report/lint/index.js";
import { plain } from "../../src/report/index.js";

/** A run from the folder `network` of a repository. */
export const env: FormatEnv = { style: plain, folder: "network" };

export const openRule: RuleAbout = {
  code: "RW4001",
  category: "policy",
  severity: "error",
  docs: {
    what: "Packets that the policy denies pass the configuration.",
    why: "Whoever can send them reaches `TCP 445` behind the edge.",
    example: "access-list OUTSIDE extended permit ip any any",
    instead: "access-list OUTSIDE extended deny tcp any any eq 445\naccess-list OUTSIDE extended permit ip any any",
    howToFix: "Put the denial in front of the rule that lets them pass.",
  },
};

export const redundantRule: RuleAbout = {
  code: "RW4031",
  category: "hygiene",
  severity: "note",
  docs: {
    what: "A rule can go, and nothing changes.",
    why: "Each rule that does nothing hides one that does.",
    example: "-A FORWARD -p tcp --dport 445 -j DROP\n-A FORWARD -p tcp --dport 445 -j DROP",
    instead: "-A FORWARD -p tcp --dport 445 -j DROP",
    howToFix: "Delete it. `--fix` does.",
  },
};

/** A report with something of everything in it. */
export function fullReport(): LintReport {
  const settings: Source = { path: "../ringwall.yaml", text: "devices:\n  - flies: edge1.conf\n" };
  return {
    tool: { name: "ringwall", version: "1.2.3", informationUri: "https://example.org/ringwall/" },
    policy: { name: "smb-edge", path: "policy.yaml" },
    devices: [asa(), linux(), closed(), quiet()],
    problems: [
      { ...diagnostic("RW1003", "cannot read torn.conf: there is no such file"), file: "torn.conf" },
      diagnostic("RW6008", "no vendor recognises notes.txt", { severity: "warning", help: "say which one it is" }),
      diagnostic("RW1002", 'a device has no key "flies" (did you mean "files"?)', { primary: at(settings, "flies") }),
    ],
    rules: [openRule, redundantRule],
    failOn: "warning",
    changedSince: "main",
  };
}

function asa(): ReportedDevice {
  const config: Source = {
    path: "edge1.conf",
    text: [
      "! edge 1, 外側",
      "time-range BUSINESS",
      "access-list OUTSIDE extended permit ip any any time-range BUSINESS",
      "\taccess-list OUTSIDE extended permit ip any any",
      "access-list OUTSIDE extended deny tcp any any eq 445",
      "access-group OUTSIDE in interface outside",
      "",
    ].join("\r\n"),
  };
  const permit = at(config, "permit ip any any", 2);
  return device("edge1.conf", "cisco-asa", "Cisco ASA", [config], "open", [
    finding("RW4001", config, "denied traffic passes: TCP 445 from anywhere to 10.20.0.0/16", {
      primary: permit,
      related: [
        { span: at(config, "access-group OUTSIDE in"), message: "bound here" },
        { span: at(config, "access-list OUTSIDE extended deny"), message: "the denial comes too late" },
      ],
      help: "put the denial in front of it:\n  access-list OUTSIDE line 1 extended deny tcp any any eq 445",
      hooks: ["forward"],
      directions: ["inbound"],
      families: ["ipv4", "ipv6"],
      witness: packet("tcp 192.0.2.1:50000 > 10.20.1.5:445", { ingress: "outside", egress: "inside" }),
      packets: ["tcp/445 from any to 10.20.0.0/16", "udp/137-138 from any to 10.20.0.0/16", "and more"],
      amounts: ["65,536 IPv4 addresses", "12 % of the rule"],
    }),
    finding("RW4001", config, "denied traffic passes: UDP 137 from anywhere to 10.20.0.0/16", { primary: permit }),
    finding("RW4003", config, "denied traffic may pass: the time range decides", {
      severity: "error",
      certainty: "may",
      primary: at(config, "time-range BUSINESS", 2),
      conditions: ['time-range "BUSINESS" is active'],
      witness: packet("tcp 192.0.2.1:50000 > 10.20.1.5:445", {
        conditions: new Set(['time-range "BUSINESS" is active']),
      }),
    }),
    finding("RW4039", config, "the denial does not log", {
      severity: "warning",
      primary: at(config, "access-list OUTSIDE extended deny tcp any any eq 445"),
      suppressed: { kind: "comment", reason: "CHG-1234, the collector is full" },
    }),
    finding("RW4038", config, "this rule lets everything pass", {
      severity: "warning",
      primary: permit,
      suppressed: { kind: "baseline", reason: "" },
    }),
  ]);
}

function linux(): ReportedDevice {
  const v4: Source = {
    path: "edge2/rules v4#1.txt",
    text: "*filter\n-A FORWARD -p tcp --dport 445 -j DROP\n-A FORWARD -p tcp --dport 445 -j DROP\nCOMMIT\n",
  };
  const v6: Source = { path: "edge2/rules.v6", text: "*filter\nCOMMIT\n" };
  const line = v4.text.indexOf("-A FORWARD", 20);
  const whole = span(v4, line, v4.text.indexOf("COMMIT"));
  return device("edge2/", "iptables", "iptables", [v4, v6], "undecided", [
    finding("RW4031", v4, "the same rule stands above it", {
      severity: "note",
      primary: whole,
      related: [{ span: span(v4, 8, 45), message: "the same" }],
      fix: { title: "remove the rule", edits: [{ span: whole, text: "" }] },
    }),
    finding("RW4004", v6, "IPv6 is open where IPv4 is closed", {
      severity: "error",
      hooks: ["forward", "input"],
      directions: ["inbound", "outbound"],
      families: ["ipv6"],
      witness: packet("tcp [2001:db8::1]:50000 > [2001:db8:20::5]:445", {}),
      unsafeFix: {
        title: "add the denial",
        edits: [{ span: span(v6, 8, 8), text: "-A FORWARD -p tcp --dport 445 -j DROP\n" }],
      },
    }),
  ]);
}

function closed(): ReportedDevice {
  return device(
    "edge3.nft",
    "nftables",
    "nftables",
    [{ path: "edge3.nft", text: "table inet edge {}\n" }],
    "closed",
    [],
  );
}

function quiet(): ReportedDevice {
  const config: Source = { path: "/srv/edge4.xml", text: "<pfsense/>\n" };
  return device("edge4.xml", "pfsense", "pfSense", [config], "closed", [
    finding("RW4035", config, "nothing refers to the alias old", { severity: "note", changed: false }),
    finding("RW6001", config, "a form was not understood", { severity: "warning", primary: span(config, 0, 10) }),
  ]);
}

export function device(
  name: string,
  id: string,
  title: string,
  files: readonly Source[],
  edge: ReportedDevice["edge"],
  findings: readonly Reported[],
): ReportedDevice {
  const names = fingerprints(findings);
  return {
    name,
    vendor: { id, title },
    files,
    edge,
    findings: findings.map((one, i) => ({ ...one, fingerprint: names[i]! })),
  };
}

/** An error of its code for certain, unless the rest says otherwise. */
export function finding(
  code: Finding["code"],
  file: Source,
  message: string,
  rest: Partial<Omit<Reported, "code" | "file" | "message">> = {},
): Reported {
  return {
    code,
    severity: "error",
    message,
    file: file.path,
    related: [],
    certainty: "must",
    hooks: [],
    directions: [],
    families: [],
    packets: [],
    conditions: [],
    amounts: [],
    identity: message,
    fingerprint: "",
    ...rest,
  };
}

export function packet(text: string, rest: Partial<Packet>): Packet {
  const reading = readPacket(text);
  if (!reading.ok) throw new Error(reading.diagnostic.message);
  return { ...reading.packet, ...rest };
}

/** The `nth` place, counted from 1, of a piece of a text. */
export function at(source: Source, piece: string, nth = 1): Span {
  let start = -1;
  for (let i = 0; i < nth; i++) start = source.text.indexOf(piece, start + 1);
  if (start < 0) throw new Error(`${piece} is not there`);
  return span(source, start, start + piece.length);
}
