import type { Diagnostic, Source } from "../../src/vendor-kit/index.js";
import { diagnostic, didYouMean, nearest } from "../../src/vendor-kit/index.js";
import { Bindings, bindingOf } from "./bindings.js";
import type { AccessList, Config, Doubt, Entry, NatText } from "./config.js";
import { wordsFrom } from "./config.js";
import { Editable } from "./editable.js";
import type { Command } from "./lexer.js";
import { commandsOf, spanFrom, spanOf } from "./lexer.js";
import { harmlessCommands } from "./words.js";

/** The sources one after the other, as if typed in. */
export function readConfig(sources: readonly Source[]): Config {
  const reader = new Reader();
  for (const source of sources) {
    reader.startSource();
    for (const command of commandsOf(source)) reader.read(command);
  }
  return reader.finish();
}

interface OpenInterface {
  hardware: string;
  name: string | undefined;
  level: number | undefined;
  addresses: (readonly string[])[];
  ipv6: boolean;
  managementOnly: boolean;
  bridgeGroup: string | undefined;
  shutdown: boolean;
  description: string | undefined;
  command: Command;
}

interface OpenBlock {
  command: Command;
  lines: Command[];
}

interface OpenObject extends OpenBlock {
  kind: "network" | "service";
  name: string;
  value: Command | undefined;
  unread: Command[];
}

interface OpenGroup extends OpenBlock {
  kind: "group";
  type: string;
  ports: string | undefined;
  members: Editable<Command>;
  unread: Command[];
}

interface OpenList {
  name: string;
  kind: AccessList["kind"];
  entries: Editable<Entry>;
  /** Entries that are no remarks. When the last of them goes, so do the bindings. */
  functional: number;
  shown: { command: Command; body: number; expansion: Entry[] }[];
  declared: number | undefined;
  first: Command;
  /** The line number of the last shown entry. */
  lastShown: string | undefined;
}

/** Where the next line belongs: inside a block, or at the outermost level. */
type Mode =
  | { readonly kind: "top" }
  | { readonly kind: "interface"; readonly open: OpenInterface }
  | { readonly kind: "object"; readonly open: OpenObject }
  | { readonly kind: "group"; readonly open: OpenGroup }
  | { readonly kind: "time-range"; readonly open: OpenBlock }
  | { readonly kind: "other" }
  | { readonly kind: "hashes"; readonly list: OpenList };

const TOP: Mode = { kind: "top" };

/** Commands that stand at the outermost level wherever they are written. */
const alwaysOutermost = new Set(["access-list", "access-group", "object-group"]);
const groupWords = new Set([
  "network-object",
  "group-object",
  "service-object",
  "port-object",
  "protocol-object",
  "icmp-object",
  "user",
  "user-group",
  "security-group",
  "description",
]);
const objectWords = new Set(["host", "subnet", "range", "fqdn", "nat", "service", "description"]);
const interfaceWords = new Set(
  "nameif security-level shutdown description vlan speed duplex bridge-group management-only channel-group".split(" "),
);

class Reader {
  private mode: Mode = TOP;
  private version: { major: number; minor: number } | undefined;
  private versionLines = 0;
  private readonly interfaces = new Map<string, OpenInterface>();
  private readonly byOldName = new Map<string, OpenInterface>();
  private readonly names = new Map<string, string>();
  private readonly objects = new Map<string, OpenObject | OpenGroup>();
  private readonly lists = new Map<string, OpenList>();
  private readonly bindings = new Bindings();
  private readonly sameSecurity = { between: false, within: false };
  private readonly doubts: Doubt[] = [];
  private readonly established: Command[] = [];
  private readonly timeRanges = new Map<string, OpenBlock>();
  private readonly translations: NatText[] = [];
  private readonly mentioned = new Map<string, number>();
  private readonly diagnostics: Diagnostic[] = [];
  private readonly unknownCommands: Command[] = [];
  private vpn: Command | undefined;
  private vpnIsFiltered = false;
  private vpnPasses: Command | undefined;
  private commands = 0;

  startSource(): void {
    this.mode = TOP;
    this.versionLines = 0;
  }

  read(command: Command): void {
    this.commands++;
    const word = command.words[0]!;
    if (this.mode.kind === "hashes") {
      if (HASHES.test(command.text)) return;
      this.mode = TOP;
    }
    if (this.mode.kind !== "top" && this.belongsToBlock(command, word)) {
      this.readInBlock(command, word);
      return;
    }
    this.mode = TOP;
    this.readOutermost(command, word);
  }

  private belongsToBlock(command: Command, word: string): boolean {
    if (alwaysOutermost.has(word)) return false;
    if (word === "object" && (command.words[1] === "network" || command.words[1] === "service")) return false;
    if (command.indented) return true;
    const meant = word === "no" ? (command.words[1] ?? "") : word;
    switch (this.mode.kind) {
      case "interface":
        return (
          interfaceWords.has(meant) ||
          ((meant === "ip" || meant === "ipv6") && command.words[word === "no" ? 2 : 1] === "address")
        );
      case "object":
        return objectWords.has(meant) && !(meant === "nat" && this.mode.open.kind === "service");
      case "group":
        return groupWords.has(meant);
      default:
        return false;
    }
  }

  private readInBlock(command: Command, word: string): void {
    const mode = this.mode;
    switch (mode.kind) {
      case "interface":
        this.readInterfaceLine(mode.open, command, word);
        return;
      case "object":
        mode.open.lines.push(command);
        this.readObjectLine(mode.open, command, word);
        return;
      case "group":
        mode.open.lines.push(command);
        readGroupLine(mode.open, command, word);
        return;
      case "time-range":
        mode.open.lines.push(command);
        return;
      case "other":
        this.mention(command);
        return;
      default:
        return;
    }
  }

  private readInterfaceLine(open: OpenInterface, command: Command, word: string): void {
    const no = word === "no";
    const words = no ? command.words.slice(1) : command.words;
    switch (words[0]) {
      case "nameif":
        open.name = no ? undefined : words[1];
        return;
      case "security-level": {
        const level = Number(words[1]);
        if (no) open.level = undefined;
        else if (/^\d{1,3}$/.test(words[1] ?? "") && level <= 100) open.level = level;
        else
          this.unread(
            command,
            1,
            "a security-level is a number from 0 to 100; which packets pass by default is not known",
          );
        return;
      }
      case "ip":
      case "ipv6":
        if (words[0] === "ipv6" && !no) open.ipv6 = true;
        if (words[1] !== "address") return;
        if (no) open.addresses = open.addresses.filter((one) => one[0] !== words[0]);
        else open.addresses.push([words[0], ...words.slice(2)]);
        return;
      case "management-only":
        open.managementOnly = !no;
        return;
      case "bridge-group":
        open.bridgeGroup = no ? undefined : words[1];
        return;
      case "shutdown":
        open.shutdown = !no;
        return;
      case "description":
        open.description = no ? undefined : command.text.slice(word.length).trim();
        return;
      default:
        this.mention(command);
    }
  }

  private readObjectLine(open: OpenObject, command: Command, word: string): void {
    switch (word) {
      case "host":
      case "subnet":
      case "range":
      case "fqdn":
        if (open.kind === "network") open.value = command;
        else open.unread.push(command);
        return;
      case "service":
        if (open.kind === "service") open.value = command;
        else open.unread.push(command);
        return;
      case "nat":
        this.translations.push({ command, object: open.name });
        return;
      case "description":
      case "exit":
        return;
      case "no":
        if (command.words[1] === "nat" || command.words[1] === "description") return;
        open.value = undefined;
        return;
      default:
        open.unread.push(command);
    }
  }

  private readOutermost(command: Command, word: string): void {
    const { words } = command;
    switch (word) {
      case "access-list":
        this.readAccessList(command, 1, "extended");
        return;
      case "access-group":
        this.readAccessGroup(command);
        return;
      case "object-group":
        this.openGroup(command);
        return;
      case "object":
        this.openObject(command);
        return;
      case "interface":
        this.openInterface(command);
        return;
      case "name":
        if (words[1] !== undefined && words[2] !== undefined) this.names.set(words[2], words[1]);
        return;
      case "names":
        return;
      case "same-security-traffic":
        this.setSameSecurity(command, words[2], true);
        return;
      case "sysopt":
        if (words[1] === "connection" && words[2] === "permit-vpn") this.vpnPasses = command;
        this.enter(command);
        return;
      case "ASA":
      case "PIX":
        this.readVersion(command);
        return;
      case "nat":
      case "static":
      case "global":
      case "alias":
        this.translations.push({ command, object: undefined });
        this.enter(command);
        return;
      case "time-range":
        this.openTimeRange(command);
        return;
      case "established":
        this.established.push(command);
        return;
      case "conduit":
      case "outbound":
      case "apply":
        this.doubt(command, `"${word}" filters packets beside the access-lists (PIX 6), and is not followed`);
        return;
      case "nameif":
        this.readOldNameif(command);
        return;
      case "ipv6":
        if (words[1] === "access-list") this.readAccessList(command, 2, "ipv6");
        else this.enter(command);
        return;
      case "ip":
        this.readOldAddress(command);
        return;
      case "no":
        this.readNo(command);
        return;
      case "clear":
        this.readClear(command);
        return;
      case "changeto":
      case "context":
        this.diagnostics.push(
          diagnostic(
            "RW6001",
            `the text holds more than one security context; each has interfaces and lists of its own`,
            {
              primary: spanOf(command),
              help: "give each context's configuration as a file of its own",
            },
          ),
        );
        this.doubts.push({ why: "several security contexts in one text", command });
        this.enter(command);
        return;
      default:
        if (/^Cryptochecksum\b/.test(word) || harmlessCommands.has(word)) {
          this.enter(command);
          return;
        }
        this.unknownCommands.push(command);
        this.enter(command);
    }
  }

  /** A command whose block, if it has one, is not about filters. */
  private enter(command: Command): void {
    const word = command.words[0]!;
    if (word === "crypto" && command.words[1] === "map" && command.words.includes("interface")) this.vpn ??= command;
    if (word === "webvpn" || word === "tunnel-group") this.vpn ??= command;
    this.mention(command);
    this.mode = word === "exit" || word === "end" || word === "quit" ? TOP : { kind: "other" };
  }

  private mention(command: Command): void {
    for (const word of new Set(command.words)) this.mentioned.set(word, (this.mentioned.get(word) ?? 0) + 1);
  }

  private readVersion(command: Command): void {
    const found = /^(?:ASA|PIX) Version (\d{1,3})\.(\d{1,3})/.exec(command.text);
    if (found === null) return;
    this.version = { major: Number(found[1]), minor: Number(found[2]) };
    if (++this.versionLines === 2) {
      this.diagnostics.push(
        diagnostic("RW6001", "a second configuration begins here, and its names may be those of the first", {
          primary: spanOf(command),
          help: "give each device's configuration as a file of its own",
        }),
      );
      this.doubts.push({ why: "two configurations in one text", command });
    }
  }

  private openInterface(command: Command): void {
    const hardware = command.words.slice(1).join(" ");
    let open = this.interfaces.get(hardware);
    if (open === undefined) {
      open = newInterface(hardware, command);
      this.interfaces.set(hardware, open);
    }
    this.mode = { kind: "interface", open };
  }

  /** `nameif ethernet0 outside security0` of PIX 6. */
  private readOldNameif(command: Command): void {
    const [, hardware = "", name, level = ""] = command.words;
    const found = /^security(\d{1,3})$/.exec(level);
    if (name === undefined || found === null) {
      this.unread(command, 1, "an interface without a readable name and security-level");
      return;
    }
    const open: OpenInterface = { ...newInterface(hardware, command), name, level: Number(found[1]) };
    this.interfaces.set(hardware, open);
    this.byOldName.set(name, open);
  }

  private readOldAddress(command: Command): void {
    const [, second, name] = command.words;
    if (second === "address") {
      this.byOldName.get(name ?? "")?.addresses.push(["ip", ...command.words.slice(3)]);
    }
    this.enter(command);
  }

  private openObject(command: Command): void {
    const [, type, name] = command.words;
    if ((type !== "network" && type !== "service") || name === undefined) {
      if (type !== "network-service") this.unread(command, 1, "a kind of object that is not known");
      this.enter(command);
      return;
    }
    const known = this.objects.get(name);
    let open: OpenObject;
    if (known !== undefined && known.kind === type) {
      open = known;
      open.lines.push(command);
    } else {
      open = { kind: type, name, value: undefined, unread: [], command, lines: [command] };
      if (known === undefined) this.objects.set(name, open);
      else this.nameTaken(command, name, known.command);
    }
    this.mode = { kind: "object", open };
    // `show running-config object in-line` puts the value on the same line.
    const [inline] = command.words.slice(3);
    if (inline !== undefined && objectWords.has(inline)) {
      const start = spanFrom(command, 3).start;
      const text = command.text.slice(start - command.start);
      this.readObjectLine(open, { ...command, start, text, words: command.words.slice(3) }, inline);
    }
  }

  private openGroup(command: Command): void {
    // Some texts have the word twice: `object-group group network N`.
    const [type, name, ports] = command.words.slice(command.words[1] === "group" ? 2 : 1);
    if (type === undefined || name === undefined) {
      this.unread(command, 0, "a group without a type and a name");
      this.mode = { kind: "other" };
      return;
    }
    const known = this.objects.get(name);
    let open: OpenGroup;
    if (known?.kind === "group" && known.type === type) {
      open = known;
      open.lines.push(command);
      if (ports !== undefined) open.ports = ports;
    } else {
      open = {
        kind: "group",
        type,
        ports,
        members: new Editable((one) => wordsFrom(one.words, 0)),
        unread: [],
        command,
        lines: [command],
      };
      if (known === undefined) this.objects.set(name, open);
      else this.nameTaken(command, name, known.command);
    }
    this.mode = { kind: "group", open };
  }

  private openTimeRange(command: Command): void {
    const name = command.words[1];
    if (name === undefined) {
      this.unread(command, 0, "a time-range without a name");
      return;
    }
    let open = this.timeRanges.get(name);
    if (open === undefined) this.timeRanges.set(name, (open = { command, lines: [command] }));
    else open.lines.push(command);
    this.mode = { kind: "time-range", open };
  }

  private nameTaken(command: Command, name: string, first: Command): void {
    this.diagnostics.push(
      diagnostic(
        "RW6004",
        `${JSON.stringify(name)} is the name of another object or group; the device refuses a second`,
        {
          primary: spanOf(command),
          related: [{ span: spanOf(first), message: "the first is here" }],
        },
      ),
    );
  }

  private readAccessList(command: Command, at: number, kind: "extended" | "ipv6"): void {
    const { words } = command;
    let name = words[at];
    if (name === undefined) {
      this.doubt(command, "an access-list without a name");
      return;
    }
    if (name.endsWith(";") && /^\d+$/.test(words[at + 1] ?? "") && (words[at + 2] ?? "").startsWith("element")) {
      name = name.slice(0, -1);
      const list = this.list(name, kind, command);
      list.declared = Number(words[at + 1]);
      this.mode = { kind: "hashes", list };
      return;
    }
    if (isListSetting(words, at)) return;
    let body = at + 1;
    let line: string | undefined;
    if (words[body] === "line") {
      line = words[body + 1];
      body += 2;
    }
    if (words[body] === "rename" && words[body + 1] !== undefined && line === undefined) {
      this.renameList(name, words[body + 1]!);
      return;
    }
    const list = this.list(name, kind, command);
    if (words[body] === "standard" || words[body] === "ethertype" || words[body] === "webtype") {
      list.kind = words[body] as AccessList["kind"];
    }
    const entry: Entry = { command, body };
    if (isShown(words)) {
      const last = list.shown.at(-1);
      if (last !== undefined && line !== undefined && line === list.lastShown) last.expansion.push(entry);
      else list.shown.push({ ...entry, expansion: [] });
      list.lastShown = line;
      return;
    }
    // A remark of `show access-list` has no counter; it stands among lines that have one.
    const remark = words[body] === "remark";
    if (remark && list.shown.length + (list.declared ?? 0) > 0 && list.entries.length === 0) {
      list.shown.push({ ...entry, expansion: [] });
      list.lastShown = line;
      return;
    }
    const place = line === undefined ? NaN : Number(line);
    if (!remark) list.functional++;
    if (place >= 1 && place <= list.entries.length) list.entries.insert(place - 1, entry);
    else list.entries.add(entry);
  }

  private list(name: string, kind: AccessList["kind"], first: Command): OpenList {
    let list = this.lists.get(name);
    if (list === undefined) {
      list = {
        name,
        kind,
        entries: new Editable((entry) => wordsFrom(entry.command.words, entry.body)),
        functional: 0,
        shown: [],
        declared: undefined,
        first,
        lastShown: undefined,
      };
      this.lists.set(name, list);
    }
    return list;
  }

  private renameList(name: string, to: string): void {
    const list = this.lists.get(name);
    if (list === undefined) return;
    this.lists.delete(name);
    list.name = to;
    this.lists.set(to, list);
    this.bindings.rename(name, to);
  }

  private removeList(name: string): void {
    this.lists.delete(name);
    this.bindings.removeList(name);
  }

  private readAccessGroup(command: Command): void {
    const binding = bindingOf(command, 1);
    if (binding === undefined) {
      this.doubt(command, "an access-group that is not written as NAME in|out interface IF, or NAME global");
      return;
    }
    this.bindings.add(binding);
  }

  private setSameSecurity(command: Command, which: string | undefined, value: boolean): void {
    if (which === "inter-interface") this.sameSecurity.between = value;
    else if (which === "intra-interface") this.sameSecurity.within = value;
    else this.doubt(command, "same-security-traffic is neither inter-interface nor intra-interface");
  }

  private readNo(command: Command): void {
    const { words } = command;
    switch (words[1]) {
      case "access-list": {
        const name = words[2];
        const list = name === undefined ? undefined : this.lists.get(name);
        if (name === undefined || list === undefined) return;
        if (words.length === 3) {
          this.removeList(name);
          return;
        }
        const body = words[3] === "line" ? 5 : 3;
        if (list.entries.remove(wordsFrom(words, body)) === undefined) {
          this.doubt(command, `access-list ${name} has no such line to take away`);
        } else if (words[body] !== "remark" && --list.functional === 0) {
          this.bindings.removeList(name);
        }
        return;
      }
      case "access-group": {
        const binding = bindingOf(command, 2);
        if (binding === undefined) this.doubt(command, "an access-group that is not readable is taken away");
        else this.bindings.remove(binding);
        return;
      }
      case "object-group":
      case "object":
        if (words[3] !== undefined) this.objects.delete(words[3]);
        return;
      case "same-security-traffic":
        this.setSameSecurity(command, words[3], false);
        return;
      case "name":
        if (words[3] !== undefined) this.names.delete(words[3]);
        return;
      case "names":
        this.names.clear();
        return;
      case "sysopt":
        if (words[2] === "connection" && words[3] === "permit-vpn") this.vpnIsFiltered = true;
        return;
      case "time-range":
        if (words[2] !== undefined) this.timeRanges.delete(words[2]);
        return;
      case "interface":
        this.doubt(command, "an interface is taken away");
        return;
      default:
        this.enter(command);
    }
  }

  private readClear(command: Command): void {
    const { words } = command;
    if (words[1] !== "configure" && words[1] !== "config") return;
    switch (words[2]) {
      case "access-list":
        if (words[3] !== undefined) this.removeList(words[3]);
        else for (const name of [...this.lists.keys()]) this.removeList(name);
        return;
      case "access-group":
        this.bindings.clear();
        return;
      case "object-group":
      case "object":
        for (const [name, one] of this.objects) {
          if ((words[2] === "object-group") === (one.kind === "group")) this.objects.delete(name);
        }
        return;
      case "all":
      case "interface":
      case "same-security-traffic":
        this.doubt(command, "what this clears is not followed");
        return;
      default:
        return;
    }
  }

  private unread(command: Command, word: number, why: string): void {
    this.diagnostics.push(diagnostic("RW6001", why, { primary: spanFrom(command, word) }));
    this.doubts.push({ why, command });
  }

  private doubt(command: Command, why: string): void {
    this.unread(command, 0, why);
  }

  /** Unknown commands: a slip of the hand in a filter's own command, or one that names a filter, is a doubt. */
  private judgeUnknownCommands(): void {
    const slips = new Map<string, boolean>();
    for (const command of this.unknownCommands) {
      const word = command.words[0]!;
      let slip = slips.get(word);
      if (slip === undefined) {
        // Who gets so many words wrong may have meant anything.
        slip = slips.size >= MOST_UNKNOWN_WORDS || nearest(word, FILTER_COMMANDS, 1).length > 0;
        slips.set(word, slip);
      }
      if (slip || command.words.some((one) => this.lists.has(one))) {
        const meant = slips.size >= MOST_UNKNOWN_WORDS ? "" : didYouMean(word, FILTER_COMMANDS);
        this.doubt(command, `${JSON.stringify(word)} is no command${meant}; it may have been meant to filter`);
      } else {
        this.diagnostics.push(
          diagnostic(
            "RW6001",
            `the command ${JSON.stringify(word)} is not known; it is taken to have no part in filtering`,
            { primary: spanOf(command), severity: "note" },
          ),
        );
      }
    }
  }

  finish(): Config {
    this.judgeUnknownCommands();
    const [translation] = this.translations;
    if (translation !== undefined) {
      const early =
        this.version !== undefined && (this.version.major < 8 || (this.version.major === 8 && this.version.minor < 3));
      this.diagnostics.push(
        diagnostic(
          "RW6007",
          early
            ? "addresses are translated; before version 8.3 the lists see the translated ones"
            : "addresses are translated; the lists see the real ones, and packets on the outside carry others",
          { primary: spanOf(translation.command) },
        ),
      );
    }
    const vpn = this.vpnPasses ?? this.vpn;
    if (vpn !== undefined && !this.vpnIsFiltered) {
      this.diagnostics.push(
        diagnostic("RW6003", "packets that come out of a VPN tunnel pass by the lists of the interface", {
          primary: spanOf(vpn),
          help: 'write "no sysopt connection permit-vpn" to have them filtered; its absence means that they are not',
        }),
      );
    }
    return {
      version: this.version,
      interfaces: [...this.interfaces.values()].map((one) => ({
        ...one,
        level: one.level ?? (one.name === "inside" ? 100 : 0),
      })),
      names: this.names,
      objects: closed(this.objects, (one) => (one.kind === "group" ? { ...one, members: one.members.toArray() } : one)),
      lists: closed(this.lists, (list) => ({ ...list, entries: list.entries.toArray() })),
      bindings: this.bindings.toArray(),
      timeRanges: this.timeRanges,
      translations: this.translations,
      sameSecurity: this.sameSecurity,
      doubts: this.doubts,
      established: this.established,
      mentioned: this.mentioned,
      commands: this.commands,
      diagnostics: this.diagnostics,
    };
  }
}

const MOST_UNKNOWN_WORDS = 500;
const FILTER_COMMANDS = ["access-list", "access-group", "object-group", "object", "interface", "same-security-traffic"];
/** A line of `show access-list brief`: hashes in place of entries. */
const HASHES = /^[0-9a-f]{8}(?: [0-9a-f]{8}){2,3}$/;

function readGroupLine(open: OpenGroup, command: Command, word: string): void {
  switch (word) {
    case "description":
    case "exit":
      return;
    case "no": {
      if (command.words[1] === "description") return;
      const wanted = wordsFrom(command.words, 1);
      if (open.members.remove(wanted) === undefined) open.unread.push(command);
      return;
    }
    default:
      if (groupWords.has(word)) open.members.add(command);
      else open.unread.push(command);
  }
}

/** Settings of logging and of the lists' mode, which stand where a list's name stands. */
function isListSetting(words: readonly string[], at: number): boolean {
  switch (words[at]) {
    case "deny-flow-max":
    case "alert-interval":
      return words.length === at + 2;
    case "mode":
      return words[at + 1] === "auto-commit" || words[at + 1] === "manual-commit";
    case "compiled":
      return words.length === at + 1;
    case "cached":
      return words[at + 1] === "ACL";
    default:
      return false;
  }
}

/** Whether a line comes from `show access-list`: a counter or a hash at its end. */
function isShown(words: readonly string[]): boolean {
  const last = words.at(-1)!;
  return (
    /^0x[0-9a-f]{1,8}$/.test(last) || last.startsWith("(hitcnt=") || words.some((one) => one.startsWith("(hitcnt="))
  );
}

function newInterface(hardware: string, command: Command): OpenInterface {
  return {
    hardware,
    name: undefined,
    level: undefined,
    addresses: [],
    ipv6: false,
    managementOnly: false,
    bridgeGroup: undefined,
    shutdown: false,
    description: undefined,
    command,
  };
}

function closed<A, B>(map: ReadonlyMap<string, A>, close: (one: A) => B): ReadonlyMap<string, B> {
  return new Map([...map].map(([name, one]) => [name, close(one)]));
}
