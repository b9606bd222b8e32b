import type { Diagnostic, Edit, Source, Span } from "../diagnostics/index.js";
import type { Device, Hook } from "../ir/index.js";
import type { AddressListFormat } from "./address-list.js";
import type { Direction, Edge } from "../policy/edge.js";
import type { ProfileNames } from "../policy/host-truth.js";
import type { Inventory } from "./inventory.js";

/**
 * One firewall vendor: a folder below `vendors/`, whose `index.ts` exports a `Vendor` as its default.
 *
 * `emit` and `parse` are pure. Neither throws on any policy or text; what cannot be done comes back as diagnostics.
 */
export interface Vendor {
  readonly manifest: Manifest;
  /** How sure the vendor is that a text is its own: 0 not at all, 1 quite. The surest vendor reads it. */
  detect(source: Source): number;
  emit(edge: Edge, target: Target): Emission;
  parse(sources: readonly Source[], options: ParseOptions): Parsed;
  /** How the vendor writes a list of addresses alone; absent means that it has no form for that. */
  readonly addressLists?: readonly AddressListFormat[];
  /**
   * Which part of a device a text holds, where one device's configuration is several files: `ipv4`, `ipv6`, `sets`.
   * `whole`, the default, stands for itself. Files of one folder with different parts are read together.
   */
  partOf?(source: Source): string;
  /**
   * What a text includes of other files, as it names them: paths, also with `*`. Given together with the others, those are
   * read in their places; which of them is meant the vendor finds out.
   */
  includesOf?(source: Source): readonly string[];
  /**
   * Cuts a rule out of a text, with its line or element and nothing else, given the span of the rule's origin. Undefined
   * where a piece of text is not a rule by itself. Whoever asks proves afterwards what the change does.
   */
  removalOf?(rule: Span): readonly Edit[] | undefined;
}

/** What a vendor can say. Differences are data: shown by `ringwall vendors`, checked by the contract suite. */
export interface Manifest {
  /** The folder's name: `nftables`. */
  readonly id: string;
  /** For people: `nftables`, `Cisco ASA`. */
  readonly title: string;
  readonly summary: string;
  /** The releases that the output is written for. */
  readonly versions: string;
  readonly capabilities: Readonly<Record<Capability, Support>>;
  /** Keys below `targets.<id>` whose value is the path of a file; it is read and handed to `emit` in `Target.files`. */
  readonly fileOptions: readonly string[];
  /** JSON Schema of `targets.<id>` (an object schema, with a `description` for every property). */
  readonly targetSchema: object;
  /** A commented snippet of `targets.<id>` for `ringwall init`, in YAML, without the key itself. */
  readonly example: string;
  /**
   * What a device of this vendor asks its rules about: each packet by itself (Linux), or the first packet of a connection
   * that the others follow (the default). Configurations of two vendors are compared on what both judge.
   */
  readonly judges?: Claim["judged"];
  /** True where the output has something for each role of the policy's `hosts`; absent means that they are left out. */
  readonly hosts?: true;
  /**
   * Where a device of this vendor normally has rules, so that none there is worth a word: by default forwarded packets,
   * those to the device and those from it.
   */
  readonly filters?: readonly Hook[];
  /** What one loads or pastes to apply the output, for `ringwall compile` to print; `{dir}` is the output folder. */
  readonly apply: readonly string[];
}

/** The features of the policy language that a vendor may lack. */
export type Capability =
  | "ipv6"
  | "continue"
  | "exceptions"
  | "reject"
  | "log"
  | "icmp"
  | "any-protocol"
  | "source-ports"
  | "cuts-open-connections"
  | "firewall-itself"
  | "base";

export type Support =
  | { readonly kind: "native" }
  | { readonly kind: "lowered"; readonly how: string }
  | { readonly kind: "approximate"; readonly effect: "broader" | "narrower"; readonly how: string }
  | { readonly kind: "unsupported"; readonly why: string };

/** One entry of the policy's `targets`, with what `emit` needs from outside. */
export interface Target {
  /** The value of `targets.<id>`, valid against the vendor's `targetSchema`. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The files of `Manifest.fileOptions`, by key; absent where the option is absent. */
  readonly files: Readonly<Record<string, Source>>;
  /** The texts in `vendors/<id>/templates`, by file name. */
  readonly templates: Readonly<Record<string, string>>;
  readonly tool: { readonly name: string; readonly version: string };
  /** Where the option at `path` stands in the policy; the target itself for no path. Undefined for a policy without text. */
  spanOf(...path: readonly (string | number)[]): Span | undefined;
}

export interface Emission {
  /** Empty when there are errors. */
  readonly files: readonly EmittedFile[];
  readonly diagnostics: readonly Diagnostic[];
  readonly claims: readonly Claim[];
}

export interface EmittedFile {
  /** Below the target's own output folder, with `/`. */
  readonly path: string;
  readonly text: string;
  /** How the text becomes bytes; UTF-8 by default. A byte order mark, where there has to be one, stands in the text. */
  readonly encoding?: Encoding;
  readonly executable?: boolean;
  /** One line for the list of written files: what it is for. */
  readonly about: string;
}

/** `utf16le` is for what Windows reads as 16-bit words, also where the words are no text (registry.pol). */
export type Encoding = "utf8" | "utf16le";

/**
 * What an emission says of itself, for the proof: the files `reads`, parsed together, mean the policy.
 *
 * A vendor with two separate outputs (pfSense: config.xml sections and pf.conf) makes two claims.
 */
export interface Claim {
  /** Paths of the emitted files that `parse` reads, in order. */
  readonly reads: readonly string[];
  /**
   * What `parse` reads before them, where the emitted files are commands that change something: the base configuration.
   * Absent where the files stand for themselves.
   */
  readonly onto?: readonly Source[];
  readonly hooks: readonly Hook[];
  /** The outside interfaces as the device names them. */
  readonly outside: readonly string[];
  /**
   * `every-packet`: the rules meet each packet (Linux). `first-packets`: a stateful device lets the rest of a connection
   * follow its first packet, so that only packets in state `new`, for TCP with SYN and without ACK, are compared.
   */
  readonly judged: "every-packet" | "first-packets";
  /** True where `accept` is no more than "not denied here", so that permit and continue are one. */
  readonly acceptIsContinue: boolean;
  /** True where the device can only drop. The emission then carries a diagnostic if the policy rejects. */
  readonly rejectIsDrop: boolean;
  /** What the device does with what the policy leaves alone. */
  readonly continueBecomes: Readonly<Record<Direction, "continue" | "accept" | "drop">>;
  /**
   * With a base configuration: what it did before. Then packets that the policy leaves alone must meet the fate that
   * they met there (and `continueBecomes` is not looked at).
   */
  readonly base?: Device;
  /**
   * With a base, where the device asks other rules besides ours about a packet that we decide (those of the inside
   * interface, and those that pfSense puts in front of everybody's): what becomes of packets that our rules accept, drop
   * or reject. It is compared stage by stage, coming in and going out. Absent: what the policy decides is final.
   */
  readonly decided?: Readonly<Record<"accepted" | "dropped" | "rejected", Device>>;
  /**
   * True of files that are loaded when nothing else can be: they may stop more than the policy does. What the policy
   * stops must be stopped, and what it leaves to the device must not be accepted.
   */
  readonly mayStopMore?: boolean;
  /**
   * The role of the policy's `hosts` that the files mean, in place of its rules. `outside` then has the three categories
   * of networks as the device names them, and only packets in one of these are compared.
   */
  readonly role?: {
    readonly name: string;
    readonly profiles: ProfileNames;
    /** Whether the files also hold what the role asks besides packets; then `Parsed.facts` are compared too. */
    readonly facts: boolean;
  };
}

export interface ParseOptions {
  /** Names of outside and inside interfaces, where the caller knows them; else what the text says. */
  readonly outside?: readonly string[];
  readonly inside?: readonly string[];
}

export interface Parsed {
  readonly device: Device;
  readonly diagnostics: readonly Diagnostic[];
  /** Absent where the vendor does not say; then the linter's rules about it are silent. */
  readonly inventory?: Inventory;
  /** What the texts say of a host besides packets, in the words of `hostFacts`; absent where they say nothing of it. */
  readonly facts?: readonly string[];
}
