import type { Line, Origin, Source } from "../../src/vendor-kit/index.js";
import { labelOf, linesOf, span } from "../../src/vendor-kit/index.js";
import { listed } from "./fields.js";
import type { Firewall } from "./firewall.js";
import type { Profile, Scope } from "./model.js";
import { profiles } from "./model.js";
import { inboundPolicy, securityOf } from "./netsh-commands.js";
import type { RawRule } from "./raw-rule.js";
import { addListedRule, scopeOf } from "./raw-rule.js";

/** Words of one display language. Those that are not here are not understood, and then nothing is claimed. */
interface Language {
  /** What begins a rule. */
  readonly ruleName: readonly string[];
  /** Labels in lower case, without blanks and signs. */
  readonly labels: ReadonlyMap<string, Field>;
  /** Values in lower case, in English. */
  readonly values: ReadonlyMap<string, string>;
  readonly profile: RegExp;
  /** How a rule is called that every Windows has: with it, the text is more than a few rules that somebody asked for. */
  readonly core: string;
}

type Field =
  | "description"
  | "enabled"
  | "direction"
  | "profiles"
  | "group"
  | "localAddresses"
  | "remoteAddresses"
  | "protocol"
  | "localPorts"
  | "remotePorts"
  | "edgeTraversal"
  | "program"
  | "service"
  | "interfaceTypes"
  | "security"
  | "source"
  | "action"
  | "computers"
  | "users"
  | "state"
  | "policy"
  | "localRules";

const english: Language = {
  ruleName: ["rule name"],
  labels: new Map<string, Field>(
    Object.entries({
      description: "description",
      enabled: "enabled",
      direction: "direction",
      profiles: "profiles",
      grouping: "group",
      localip: "localAddresses",
      remoteip: "remoteAddresses",
      protocol: "protocol",
      localport: "localPorts",
      remoteport: "remotePorts",
      edgetraversal: "edgeTraversal",
      program: "program",
      service: "service",
      interfacetypes: "interfaceTypes",
      security: "security",
      rulesource: "source",
      action: "action",
      remotecomputergroup: "computers",
      remoteusergroup: "users",
      state: "state",
      firewallpolicy: "policy",
      localfirewallrules: "localRules",
    } as const),
  ),
  values: new Map(),
  core: "core networking",
  profile: /^(Domain|Private|Public) Profile Settings:/i,
};

/** As published dumps of German systems show it. Labels and values beyond these are not understood. */
const german: Language = {
  ruleName: ["regelname"],
  labels: new Map<string, Field>(
    Object.entries({
      beschreibung: "description",
      aktiviert: "enabled",
      richtung: "direction",
      profile: "profiles",
      gruppierung: "group",
      lokaleip: "localAddresses",
      lokalesip: "localAddresses",
      remoteip: "remoteAddresses",
      protokoll: "protocol",
      lokalerport: "localPorts",
      remoteport: "remotePorts",
      edgeausnahme: "edgeTraversal",
      programm: "program",
      dienst: "service",
      schnittstellentypen: "interfaceTypes",
      sicherheit: "security",
      regelquelle: "source",
      aktion: "action",
      status: "state",
      firewallrichtlinie: "policy",
    } as const),
  ),
  values: new Map(
    Object.entries({
      ja: "yes",
      nein: "no",
      eingehend: "in",
      ein: "in",
      ausgehend: "out",
      aus: "out",
      domäne: "domain",
      privat: "private",
      öffentlich: "public",
      beliebig: "any",
      zulassen: "allow",
      blockieren: "block",
      blocken: "block",
      "nicht erforderlich": "notrequired",
    }),
  ),
  core: "kernnetzwerk",
  profile: /^(?:Domänenprofil|Privates Profil|Öffentliches Profil)/i,
};

const languages: readonly Language[] = [english, german];

/** How sure it is that a text is what netsh shows. */
export function detectNetshShow({ text }: Source): number {
  const head = text.slice(0, 500_000);
  if (/^[^\S\r\n]*(?:Rule Name|Regelname):\s+\S.*\r?\n[^\S\r\n]*-{20,}/m.test(head)) return 0.95;
  if (/^(?:Domain|Private|Public) Profile Settings:/m.test(head) && /^Firewall Policy\s/m.test(head)) return 0.9;
  // Other languages: the same form, whatever its words.
  return blockHead.test(head) && /(?:TCP|UDP)\s*$/m.test(head) ? 0.5 : 0;
}

/** A line with a label, a rule of dashes below it, and another line with a label: how each rule begins, in any language. */
const blockHead = /^[^\r\n:：]{2,60}[:：][^\r\n]*\r?\n-{60,}\r?\n[^\r\n:：]{2,60}[:：]/m;

/** Reads what `netsh advfirewall firewall show rule name=all verbose` and `netsh advfirewall show allprofiles` print. */
export function readNetshShow(source: Source, firewall: Firewall): void {
  const lines = linesOf(source);
  const language = languages.find((one) =>
    lines.some((line) => isRuleName(line, one) || one.profile.test(line.text.trim())),
  );
  if (language === undefined) {
    const end = Math.min(source.text.length, 80);
    firewall.unread("this is what netsh shows in a language that is not read: none of its rules is understood", {
      primary: span(source, 0, end),
      help: "run it with the display language English, or export with Get-NetFirewallRule, whose words are the same everywhere",
    });
    firewall.anything.push({ label: source.path, span: span(source, 0, end) });
    return;
  }
  let block: Block | undefined;
  let profile: Profile | undefined;
  const finish = (): void => {
    if (block !== undefined) addBlock(block, source, language, firewall);
    block = undefined;
  };
  for (const line of lines) {
    const text = line.text.trim();
    const header = language.profile.exec(text);
    if (header !== null) {
      finish();
      profile = profiles.find((one) => one.toLowerCase() === header[1]?.toLowerCase());
      if (profile === undefined) unknownProfiles(line, source, firewall);
    } else if (isRuleName(line, language)) {
      finish();
      profile = undefined;
      block = {
        name: valueOf(text),
        start: line.start,
        end: line.start + line.text.length,
        given: new Map(),
        problems: [],
      };
    } else if (block !== undefined) blockLine(block, line, language);
    else if (profile !== undefined) profileLine(profile, line, language, source, firewall);
  }
  finish();
}

interface Block {
  readonly name: string;
  readonly start: number;
  end: number;
  readonly given: Map<Field, string[]>;
  readonly problems: string[];
  last?: Field;
}

function isRuleName(line: Line, { ruleName }: Language): boolean {
  const colon = line.text.indexOf(":");
  return colon > 0 && ruleName.includes(line.text.slice(0, colon).trim().toLowerCase());
}

function valueOf(text: string): string {
  return text.slice(text.indexOf(":") + 1).trim();
}

function blockLine(block: Block, line: Line, language: Language): void {
  const text = line.text.trim();
  if (text === "" || /^-{10,}$/.test(text) || /^ok\.$/i.test(text)) return;
  const isContinued = /^\s{10,}\S/.test(line.text);
  const colon = text.indexOf(":");
  const field = colon < 0 || isContinued ? undefined : language.labels.get(labelWord(text.slice(0, colon)));
  if (field !== undefined) {
    if (block.given.has(field)) block.problems.push(`${text.slice(0, colon)} given twice`);
    block.given.set(field, [inEnglish(text.slice(colon + 1).trim(), language)]);
    block.last = field;
  } else if (isContinued && block.last !== undefined) {
    // ICMP types and computers stand below their field, under a heading of their own; a list goes on in the next line.
    block.given.get(block.last)!.push(inEnglish(text, language));
  } else if (block.last === "description") {
    // A description may have several lines, with colons in them.
    return;
  } else block.problems.push(`the line ${JSON.stringify(text.slice(0, 100))}`);
  block.end = line.start + line.text.length;
}

function labelWord(text: string): string {
  return text.toLowerCase().replace(/[\s-]/g, "");
}

/** Each word of a list by itself. */
function inEnglish(value: string, { values }: Language): string {
  const whole = values.get(value.toLowerCase());
  if (whole !== undefined) return whole;
  return value
    .split(",")
    .map((word) => values.get(word.trim().toLowerCase()) ?? word)
    .join(",");
}

function addBlock(block: Block, source: Source, { core }: Language, firewall: Firewall): void {
  const { given } = block;
  const problems = [...block.problems];
  const one = (field: Field): string | undefined => given.get(field)?.join(" ").trim();
  // A list may go on in the next line behind its comma.
  const list = (field: Field): readonly string[] | undefined =>
    given.get(field)?.flatMap((part, i, all) => listed(i < all.length - 1 ? part.replace(/,\s*$/, "") : part));
  const raw: RawRule = { displayName: block.name };
  // What every rule has when it is shown. Without it the text is cut off.
  for (const field of [
    "enabled",
    "direction",
    "profiles",
    "protocol",
    "action",
    "localAddresses",
    "remoteAddresses",
  ] as const)
    if (!given.has(field)) problems.push(`a rule without ${field}`);
  raw.enabled = one("enabled") ?? "yes";
  raw.direction = one("direction") ?? "";
  raw.action = one("action") ?? "";
  raw.profiles = list("profiles") ?? [];
  const [protocol = "any", ...types] = given.get("protocol") ?? [];
  raw.protocol = protocol;
  if (types.length > 0) Object.assign(raw, icmpOf(types, problems));
  const [local, remote] = [list("localAddresses"), list("remoteAddresses")];
  if (local !== undefined) raw.localAddresses = local;
  if (remote !== undefined) raw.remoteAddresses = remote;
  const [localPorts, remotePorts] = [list("localPorts"), list("remotePorts")];
  const hasPorts = /^(?:tcp|udp|6|17)$/i.test(protocol);
  if (hasPorts && (localPorts === undefined || remotePorts === undefined))
    problems.push("a rule of TCP or UDP without ports");
  if (localPorts !== undefined) raw.localPorts = localPorts;
  if (remotePorts !== undefined) raw.remotePorts = remotePorts;
  const security = one("security");
  if (security !== undefined) Object.assign(raw, securityOf(security, problems));
  const scopes: Scope[] = [];
  for (const [field, scope] of [
    ["program", "Program"],
    ["service", "Service"],
    ["interfaceTypes", "InterfaceType"],
    ["computers", "RemoteMachine"],
    ["users", "RemoteUser"],
  ] as const)
    scopes.push(...scopeOf(scope, one(field) ?? ""));
  if (scopes.length > 0) raw.scopes = scopes;
  if (problems.length > 0) raw.problems = problems;
  const origin: Origin = { label: labelOf(block.name), span: span(source, block.start, block.end) };
  const isPolicy = /group policy|gruppenrichtlinie/i.test(one("source") ?? "");
  const isCore = block.name.toLowerCase().startsWith(core);
  addListedRule(firewall, raw, origin, isPolicy ? "group-policy" : "local", isCore ? "core" : "other");
}

/** `Type    Code` and below it a line for each pair. */
function icmpOf(lines: readonly string[], problems: string[]): Pick<RawRule, "icmpTypes"> {
  const types: string[] = [];
  for (const line of lines) {
    const found = /^(\d+|any)\s+(\d+|any)$/i.exec(line);
    if (found === null) {
      if (!/^(?:type|typ)\s+(?:code)$/i.test(line)) problems.push(`ICMP type ${JSON.stringify(line.slice(0, 60))}`);
    } else types.push(/^any$/i.test(found[1]!) ? "any" : `${found[1]}:${found[2]}`);
  }
  return types.length === 0 || types.includes("any") ? {} : { icmpTypes: types };
}

function unknownProfiles(line: Line, source: Source, firewall: Firewall): void {
  const place = span(source, line.start, line.start + line.text.length);
  firewall.unread("the settings of profiles are read in English only", { primary: place });
  for (const profile of profiles) {
    const settings = firewall.profile(profile);
    settings.origin = { label: labelOf(line.text), span: place };
    settings.enabled = "unread";
  }
}

/** `State   ON` and `Firewall Policy   BlockInbound,AllowOutbound`: two columns with blanks between. */
function profileLine(profile: Profile, line: Line, language: Language, source: Source, firewall: Firewall): void {
  const text = line.text.trim();
  const gap = /\s{2,}/.exec(text);
  const field = gap === null ? undefined : language.labels.get(labelWord(text.slice(0, gap.index)));
  if (gap === null || field === undefined) return;
  const value = text.slice(gap.index).trim();
  const settings = firewall.profile(profile);
  const place = span(source, line.start, line.start + line.text.length);
  settings.origin = { label: labelOf(text), span: place };
  let isUnread = false;
  if (field === "state") {
    settings.enabled = /^on$/i.test(value) ? true : /^off$/i.test(value) ? false : "unread";
    isUnread = settings.enabled === "unread";
  } else if (field === "policy") {
    const [inbound = "", outbound = ""] = value.split(",");
    Object.assign(settings, inboundPolicy(inbound.trim()));
    const word = outbound.trim().toLowerCase();
    settings.defaultOutbound = word === "allowoutbound" ? "allow" : word === "blockoutbound" ? "block" : "unread";
    isUnread = settings.defaultOutbound === "unread" || settings.defaultInbound === "unread";
  } else if (field === "localRules") {
    // "N/A (GPO-store only)" in the machine's own store, which merges nothing.
    if (/^disable/i.test(value)) settings.allowLocalRules = false;
  }
  if (isUnread)
    firewall.unread(`the setting ${JSON.stringify(text.slice(0, 100))} was not understood`, { primary: place });
}
