import type { Origin, Source } from "../../src/vendor-kit/index.js";
import { labelOf, lineSpan, linesOf, protocols } from "../../src/vendor-kit/index.js";
import { listed } from "./fields.js";
import type { Firewall } from "./firewall.js";
import type { Profile, Scope } from "./model.js";
import { profiles } from "./model.js";
import type { RawRule } from "./raw-rule.js";
import { addRawRule, scopeOf } from "./raw-rule.js";
import { readRegistry } from "./registry.js";
import type { Change, Selection } from "./rule-changes.js";
import { applyChange } from "./rule-changes.js";

/** How sure it is that a text is a script of netsh commands. */
export function detectNetshCommands(source: Source): number {
  const { text } = source;
  const head = text.slice(0, 500_000);
  if (/^[^#\r\n]*\bnetsh(?:\.exe)?["']?\s+advfirewall\s+(?:firewall\s+(?:add|set|delete)|set|reset)\b/im.test(head))
    return 0.85;
  if (/^\s*(?:advfirewall\s+)?firewall\s+(?:add|set|delete)\s+rule\s+name\s*=/im.test(head)) return 0.8;
  if (/\breg(?:\.exe)?\s+add\s+"?HK[^\r\n]*(?:WindowsFirewall|FirewallPolicy)/i.test(head)) return 0.8;
  if (isBatch(source) && /NetFirewall/i.test(head)) return 0.7;
  return /^[^#\r\n]*\bnetsh(?:\.exe)?\s+firewall\s+(?:add|set)\b/im.test(head) ? 0.7 : 0;
}

/** Whether a text is a batch file, whatever shells it calls. */
export function isBatch({ path, text }: Source): boolean {
  return /\.(?:cmd|bat)$/i.test(path) || /^\ufeff?\s*(?:@echo off|rem\s|::|setlocal\b)/i.test(text.slice(0, 200));
}

/** Reads a batch file, or a script for `netsh -f`. Lines under `if` and `for`, and those with `%…%`, are not followed. */
export function readNetshScript(source: Source, firewall: Firewall): void {
  const lines = linesOf(source);
  const hasJumps = jump.test(source.text);
  let depth = 0;
  // Behind the end of a batch file stand parts that it may have called.
  let isEnded = false;
  for (let i = 0; i < lines.length; i++) {
    const first = lines[i]!;
    const parts = [first.text];
    let last = first;
    // A caret at the end of a line goes on with the next one.
    while (/\^\s*$/.test(parts.at(-1)!) && i + 1 < lines.length) {
      parts[parts.length - 1] = parts.at(-1)!.replace(/\^\s*$/, "");
      last = lines[++i]!;
      parts.push(last.text);
    }
    const text = parts
      .join(" ")
      .replace(/^\ufeff/, "")
      .trim()
      .replace(/^@/, "");
    if (text.startsWith(")")) depth = Math.max(0, depth - 1);
    if (/\($/.test(text)) depth++;
    if (depth === 0 && /^exit\b/i.test(text)) isEnded = true;
    if (!concerns.test(text) || /^(?:rem\b|::|#)/i.test(text)) continue;
    const end = last.start + last.text.length;
    const span = lineSpan(source, first);
    const origin: Origin = { label: labelOf(text), span: { ...span, end } };
    const when = depth > 0 || hasJumps || isEnded ? `line ${first.number} of ${source.path} runs` : undefined;
    for (const words of commandsOf(text)) if (!isSaid(words)) runLine(words, when, origin, firewall);
  }
}

/** Lines that may be about the firewall, or its service. */
const concerns = /netsh|firewall|\breg(?:\.exe)?\s|HNetCfg|\b(?:mpssvc|bfe|powershell|pwsh)\b/i;

/** Words that are shown; what stands behind `&` or `|` is another command. */
function isSaid([first = ""]: readonly string[]): boolean {
  return /^(?:echo|title)\b/i.test(first);
}

/** Jumps make it hard to say what runs; one to the end of the file ends it. */
const jump = /^[^\r\n]*\bgoto\b/im;

function runLine(given: readonly string[], when: string | undefined, origin: Origin, firewall: Firewall): void {
  const words = /^@?call$/i.test(given[0] ?? "") ? given.slice(1) : given;
  const at = words.findIndex((word) => /^(?:.*\\)?(?:netsh|reg)(?:\.exe)?$/i.test(word));
  const bare = /^(?:advfirewall|firewall)$/i.test(words[0] ?? "");
  if (at < 0 && !bare) {
    // PowerShell takes `-EncodedCommand`, and each beginning of it, for a command that nobody can read.
    const hides = /^(?:.*\\)?(?:powershell|pwsh)(?:\.exe)?$/i.test(words[0] ?? "") && words.some(isEncoded);
    if (!hides && !/NetFirewall|HNetCfg|\b(?:mpssvc|bfe)\b/i.test(words.join(" "))) return;
    firewall.unread(`${origin.label}: what this does to the firewall is not followed`, { primary: origin.span });
    firewall.anything.push(origin);
    return;
  }
  const rest = words.slice(at + 1);
  // Behind `if` or `for` on the same line it may run or not.
  const run: Run = {
    isKnown: !rest.some((word) => /%|!\w+!/.test(word)),
    when: when ?? (at > 0 ? `"${origin.label}" runs` : undefined),
  };
  if (at >= 0 && /reg(?:\.exe)?$/i.test(words[at]!)) runReg(rest, run, origin, firewall);
  else runNetsh(rest, run, origin, firewall);
}

function isEncoded(word: string): boolean {
  const name = word.toLowerCase();
  return name === "-ec" || (name.length > 1 && "-encodedcommand".startsWith(name));
}

/** The commands of a line, as words without quotation marks. `&`, `|` and redirections end a command. */
function commandsOf(line: string): string[][] {
  const commands: string[][] = [[]];
  let word = "";
  let isWord = false;
  let isQuoted = false;
  const endWord = (): void => {
    if (isWord) commands.at(-1)!.push(word);
    word = "";
    isWord = false;
  };
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (c === '"') {
      // Within quotation marks a backslash before one makes it part of the text, as programs take their arguments.
      if (isQuoted && line[i - 1] === "\\") {
        word = `${word.slice(0, -1)}"`;
        continue;
      }
      isQuoted = !isQuoted;
      isWord = true;
    } else if (!isQuoted && /\s/.test(c)) endWord();
    else if (!isQuoted && /[&|<>()]/.test(c)) {
      endWord();
      if (c === "&" || c === "|") commands.push([]);
    } else {
      if (c === "^" && !isQuoted && i + 1 < line.length) word += line[++i]!;
      else word += c;
      isWord = true;
    }
  }
  endWord();
  return commands.filter((words) => words.length > 0);
}

/** How a command runs. */
export interface Run {
  /** Whether all its words are known, and none only when it runs. */
  readonly isKnown: boolean;
  /** What has to hold for it to run at all; undefined where it runs in any case. */
  readonly when: string | undefined;
}

/**
 * What one netsh command does, given the words behind `netsh`. One whose words are not known is unread; one that may run or
 * not leaves both possible.
 *
 * Source: netsh advfirewall reference, learn.microsoft.com/windows-server/networking/technologies/netsh.
 */
export function runNetsh(words: readonly string[], run: Run, origin: Origin, firewall: Firewall): void {
  const [context = "", second = "", third = "", ...rest] = words;
  const isAdvanced = /^advfirewall$/i.test(context);
  const verb = isAdvanced ? second.toLowerCase() : context.toLowerCase();
  const unread = (why: string): void => {
    firewall.unread(`${origin.label}: ${why}`, { primary: origin.span });
    firewall.anything.push(origin);
  };
  if (words.length === 0) {
    unread("what it is told by a pipe or a file is not followed");
    return;
  }
  if (!isAdvanced && verb !== "firewall") {
    if (/^(?:-[a-z]+|exec|wfp)$/.test(verb)) unread("another script, host or context is not followed");
    else if (["advfirewall", "firewall"].some((name) => name.startsWith(verb)))
      unread("abbreviations of netsh are not followed");
    return;
  }
  if (/^(?:show|dump|export|help|\?|monitor|consec|mainmode)$/.test(verb)) return;
  if (verb === "firewall") {
    const command = (isAdvanced ? third : second).toLowerCase();
    const given = isAdvanced ? rest : [third, ...rest];
    if (command === "show" || command === "dump") return;
    if (/^rule$/i.test(given[0] ?? "") && ["add", "set", "delete"].includes(command)) {
      ruleCommand(command, given.slice(1), run, origin, firewall);
      return;
    }
    unread("this command of the old `netsh firewall` is not read");
    return;
  }
  if (!run.isKnown || run.when !== undefined) unread("it may run or not, or with values that are known only then");
  else if (verb === "set") setCommand(third.toLowerCase(), rest, unread, origin, firewall);
  else unread("this command is not read");
}

function ruleCommand(command: string, words: readonly string[], run: Run, origin: Origin, firewall: Firewall): void {
  if (command === "add") {
    const raw = rawRuleOf(assignments(words));
    const problems = [...(raw.problems ?? []), ...(run.isKnown ? [] : ["values that are known only when it runs"])];
    const conditions = run.when === undefined ? [] : [run.when];
    const label = raw.displayName === undefined ? origin.label : labelOf(raw.displayName);
    addRawRule(
      firewall,
      { ...raw, ...(problems.length > 0 && { problems }) },
      { ...origin, label },
      "local",
      conditions,
    );
    return;
  }
  const middle = words.findIndex((word) => /^new$/i.test(word));
  const selected = assignments(middle < 0 ? words : words.slice(0, middle));
  const change = rawRuleOf(assignments(middle < 0 ? [] : words.slice(middle + 1)));
  const name = selected.get("name")?.[0];
  const others = [...selected.keys()].filter((key) => key !== "name" && key !== "dir");
  if (
    !run.isKnown ||
    name === undefined ||
    others.length > 0 ||
    /[*?[]/.test(name) ||
    (command === "set" && middle < 0)
  ) {
    firewall.unread(`${origin.label}: which rules it speaks of, or what they become, is not followed`, {
      primary: origin.span,
    });
    firewall.anything.push(origin);
    return;
  }
  const direction = selected.get("dir")?.[0]?.toLowerCase();
  const selection: Selection = {
    ...(name.toLowerCase() !== "all" && { displayName: [name] }),
    ...(direction !== undefined && { direction: [direction === "in" ? "inbound" : "outbound"] }),
  };
  applyChange(firewall, selection, changeOf(command, change), origin, "local", run.when);
}

function changeOf(command: string, fields: RawRule): Change {
  if (command === "delete") return { kind: "remove" };
  return (fields.problems?.length ?? 0) > 0 ? { kind: "unknown" } : { kind: "set", fields };
}

/** `key=value` words; a value may stand behind blanks (`name = x`). A word without a key has an empty key. */
function assignments(words: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const word of words) {
    const equals = word.indexOf("=");
    const key = equals < 0 ? "" : word.slice(0, equals).trim().toLowerCase();
    const value = equals < 0 ? word : word.slice(equals + 1);
    const list = found.get(key);
    if (list === undefined) found.set(key, [value]);
    else list.push(value);
  }
  return found;
}

function rawRuleOf(given: ReadonlyMap<string, readonly string[]>): RawRule {
  const raw: RawRule = {};
  const problems: string[] = [];
  const scopes: Scope[] = [];
  for (const [key, values] of given) {
    const value = values.at(-1)!;
    if (values.length > 1) problems.push(`${key} given twice`);
    switch (key) {
      case "name":
        raw.displayName = value;
        break;
      case "description":
        raw.description = value;
        break;
      case "group":
        raw.group = value;
        break;
      case "dir":
        raw.direction = value;
        break;
      case "action":
        raw.action = value;
        break;
      case "enable":
        raw.enabled = value;
        break;
      case "profile":
        raw.profiles = listed(value);
        break;
      case "protocol":
        Object.assign(raw, protocolOf(value));
        break;
      case "localip":
        raw.localAddresses = listed(value);
        break;
      case "remoteip":
        raw.remoteAddresses = listed(value);
        break;
      case "localport":
        raw.localPorts = listed(value);
        break;
      case "remoteport":
        raw.remotePorts = listed(value);
        break;
      case "edge":
        raw.edgeTraversal = value;
        break;
      case "security":
        Object.assign(raw, securityOf(value, problems));
        break;
      case "program":
        scopes.push(...scopeOf("Program", value));
        break;
      case "service":
        scopes.push({ field: "Service", value });
        break;
      case "interfacetype":
        scopes.push(...scopeOf("InterfaceType", value));
        break;
      case "rmtcomputergrp":
        scopes.push({ field: "RemoteMachine", value });
        break;
      case "rmtusrgrp":
        scopes.push({ field: "RemoteUser", value });
        break;
      default:
        problems.push(key === "" ? `the word ${JSON.stringify(value.slice(0, 80))}` : `${key}=`);
    }
  }
  if (scopes.length > 0) raw.scopes = scopes;
  if (problems.length > 0) raw.problems = problems;
  return raw;
}

/** `icmpv4:8,any` is a protocol with a type and a code. */
export function protocolOf(value: string): Pick<RawRule, "protocol" | "icmpTypes"> {
  const found = /^(icmpv[46]):(\d+|any),(\d+|any)$/i.exec(value.trim());
  if (found === null) return { protocol: value };
  const protocol = String(found[1]!.toLowerCase() === "icmpv4" ? protocols.icmp : protocols.icmpv6);
  return /^any$/i.test(found[2]!) ? { protocol } : { protocol, icmpTypes: [`${found[2]}:${found[3]}`] };
}

/** The words of `security=` and of what netsh shows. */
export function securityOf(value: string, problems: string[]): Pick<RawRule, "authentication" | "encryption"> {
  switch (value.toLowerCase()) {
    case "notrequired":
      return { authentication: "NotRequired" };
    case "authenticate":
      return { authentication: "Required" };
    case "authenc":
      return { authentication: "Required", encryption: "Required" };
    case "authdynenc":
      return { authentication: "Required", encryption: "Dynamic" };
    case "authnoencap":
      return { authentication: "NoEncap" };
    default:
      problems.push(`security ${JSON.stringify(value)}`);
      return {};
  }
}

const profileWords: ReadonlyMap<string, readonly Profile[]> = new Map([
  ["allprofiles", profiles],
  ["domainprofile", ["Domain"]],
  ["privateprofile", ["Private"]],
  ["publicprofile", ["Public"]],
]);

function setCommand(
  which: string,
  words: readonly string[],
  unread: (why: string) => void,
  origin: Origin,
  firewall: Firewall,
): void {
  if (which === "global" || /^(?:help|\?)$/.test(words[0] ?? "")) return;
  const of = profileWords.get(which);
  if (of === undefined) {
    unread("which profile it speaks of is known on the host alone");
    return;
  }
  const [setting = "", value = ""] = words.map((word) => word.toLowerCase());
  if (setting === "settings" || setting === "logging") {
    // Of these, the merging of local rules alone decides about packets.
    if (value !== "localfirewallrules") return;
  }
  for (const profile of of) {
    const settings = firewall.profile(profile);
    settings.origin = origin;
    if (setting === "state")
      settings.enabled =
        value === "on" ? true : value === "off" ? false : value === "notconfigured" ? undefined : "unread";
    else if (setting === "firewallpolicy") {
      const [inbound = "", outbound = ""] = value.split(",");
      Object.assign(settings, inboundPolicy(inbound));
      settings.defaultOutbound =
        outbound === "allowoutbound" ? "allow" : outbound === "blockoutbound" ? "block" : "unread";
    } else if (setting === "settings") {
      const word = words[2]?.toLowerCase();
      settings.allowLocalRules = word === "enable" ? true : word === "disable" ? false : "unread";
    } else {
      unread("this setting is not read");
      return;
    }
  }
}

/** `BlockInbound`, `AllowInbound`, `BlockInboundAlways`, as netsh takes and shows them. */
export function inboundPolicy(word: string): {
  defaultInbound: "allow" | "block" | "unread";
  blocksAllInbound: boolean | "unread";
} {
  switch (word.toLowerCase()) {
    case "blockinbound":
      return { defaultInbound: "block", blocksAllInbound: false };
    case "allowinbound":
      return { defaultInbound: "allow", blocksAllInbound: false };
    case "blockinboundalways":
      return { defaultInbound: "block", blocksAllInbound: true };
    default:
      return { defaultInbound: "unread", blocksAllInbound: "unread" };
  }
}

/** `reg add KEY /v NAME /t TYPE /d DATA`, where the key is one of the firewall. */
function runReg(words: readonly string[], run: Run, origin: Origin, firewall: Firewall): void {
  const key = (words[1] ?? "").replace(/^(?:HKLM|HKEY_LOCAL_MACHINE)\\/i, "").replace(/\\+$/, "");
  if (!/WindowsFirewall|FirewallPolicy|\\mpssvc$/i.test(key) || origin.span === undefined) return;
  const after = (flag: string): string | undefined => {
    const at = words.findIndex((word) => word.toLowerCase() === flag);
    return at < 0 ? undefined : words[at + 1];
  };
  const { span } = origin;
  const [name, type, data] = [after("/v"), after("/t")?.toUpperCase() ?? "REG_SZ", after("/d") ?? ""];
  if (/^query|export$/i.test(words[0] ?? "")) return;
  if (!run.isKnown || run.when !== undefined || !/^add$/i.test(words[0] ?? "") || name === undefined) {
    readRegistry(
      [{ kind: "unread", key, why: `${origin.label}: what this does to the registry is not followed`, span }],
      firewall,
    );
    return;
  }
  const number = type === "REG_DWORD" && /^(?:0x[0-9a-f]+|\d+)$/i.test(data) ? Number(data) : undefined;
  readRegistry([{ kind: "value", key, name, data: type === "REG_SZ" ? data : number, span }], firewall);
}
