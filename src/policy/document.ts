import type { Source, Span } from "../diagnostics/index.js";
import type { AddressSet } from "../net/index.js";
import type { Direction, Service } from "./edge.js";
import type {
  InboundKind,
  OutboundKind,
  RoleKind,
  SecureOption,
  SmbCipher,
  SmbDialect,
  TrustedProfile,
} from "./hosts.js";

/**
 * A policy as it was written: every name still a name, every piece with the place where it stands.
 *
 * Pieces that are wrong are left out, so that the rest can still be checked; `sound` is then false, and no edge is made
 * of it.
 */
export interface PolicyDocument {
  readonly source: Source;
  readonly name: string;
  readonly description?: string;
  /** By name, in the order of the policy; so are all maps here. */
  readonly feeds: ReadonlyMap<string, FeedReference>;
  readonly networks: ReadonlyMap<string, Definition<NetworkNode>>;
  readonly services: ReadonlyMap<string, Definition<ServiceNode>>;
  readonly rules: readonly RuleNode[];
  readonly default: "continue" | "deny" | "permit";
  readonly hosts?: HostsNode;
  /** By vendor id. */
  readonly targets: ReadonlyMap<string, TargetNode>;
  /** Whether reading it gave no errors. */
  readonly sound: boolean;
}

export type FeedKind = "azure" | "office365";

export interface FeedReference {
  readonly kind: FeedKind;
  /** As the policy writes it, relative to the policy's folder. */
  readonly file: string;
  /** Of `file`. */
  readonly span: Span;
}

export interface TargetNode {
  /** Valid against the vendor's `targetSchema` when the document is sound. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Where the option at `path` stands; the target's name for no path. Undefined for an option that is not there. */
  spanOf(...path: readonly (string | number)[]): Span | undefined;
}

/** A network or service with a name. `node` is undefined when what was written is wrong. */
export interface Definition<Node> {
  readonly name: string;
  /** Of the name. */
  readonly span: Span;
  readonly node: Node | undefined;
}

export interface Word {
  readonly text: string;
  readonly span: Span;
}

/** An expression for a set of addresses. */
export type NetworkNode =
  | { readonly kind: "literal"; readonly text: string; readonly addresses: AddressSet; readonly span: Span }
  | { readonly kind: "reference"; readonly name: string; readonly span: Span }
  | { readonly kind: "union"; readonly of: readonly NetworkNode[]; readonly span: Span }
  | {
      readonly kind: "difference";
      readonly of: readonly NetworkNode[];
      readonly minus: NetworkNode;
      readonly span: Span;
    }
  | {
      readonly kind: "azure";
      readonly tags: readonly Word[];
      readonly regions: readonly Word[];
      readonly feed?: Word;
      readonly span: Span;
    }
  | {
      readonly kind: "office365";
      /** Undefined where the key is absent: then it selects all. */
      readonly areas?: readonly Word[];
      readonly categories?: readonly Word[];
      readonly required?: true;
      readonly ids?: readonly Word[];
      /** `tcp/443`. */
      readonly ports?: readonly Word[];
      readonly feed?: Word;
      readonly span: Span;
    };

/** An expression for a set of services. */
export type ServiceNode =
  | { readonly kind: "literal"; readonly services: readonly Service[]; readonly span: Span }
  | { readonly kind: "reference"; readonly name: string; readonly span: Span }
  | { readonly kind: "union"; readonly of: readonly ServiceNode[]; readonly span: Span };

export interface RuleNode {
  readonly name: string;
  readonly description?: string;
  readonly action: "deny" | "reject" | "permit";
  readonly services: ServiceNode;
  /** Undefined means any. */
  readonly from?: NetworkNode;
  readonly to?: NetworkNode;
  readonly directions: readonly Direction[];
  /** What `family` says; undefined where the rule does not say. */
  readonly family?: "ipv4" | "ipv6" | "both";
  readonly log: boolean;
  readonly exceptions: readonly ExceptionNode[];
  /** Of the name. */
  readonly span: Span;
  /** Of the value of a key of the rule. */
  readonly spans: ReadonlyMap<string, Span>;
}

/** What is undefined is that of the rule. */
export interface ExceptionNode {
  readonly from?: NetworkNode;
  readonly to?: NetworkNode;
  readonly services?: ServiceNode;
  readonly directions?: readonly Direction[];
  readonly family?: "ipv4" | "ipv6" | "both";
  readonly reason?: string;
  readonly expires?: string;
  /** Of the whole entry. */
  readonly span: Span;
  readonly spans: ReadonlyMap<string, Span>;
}

/** What is undefined in a role is that of `defaults`, and what is undefined there that of the role's kind. */
export interface HostsNode {
  readonly domainControllers?: NetworkNode;
  readonly fileServers?: NetworkNode;
  /** Whether settings for storage accounts in the cloud are wanted too. */
  readonly cloudFiles: boolean;
  readonly defaults: RoleSettingsNode;
  readonly roles: readonly RoleNode[];
  /** Of the key. */
  readonly span: Span;
}

export interface RoleNode {
  readonly name: string;
  readonly kind: RoleKind;
  readonly description?: string;
  readonly settings: RoleSettingsNode;
  /** Of the name. */
  readonly span: Span;
}

export interface RoleSettingsNode {
  readonly domainMember?: boolean;
  readonly inbound?: InboundKind;
  readonly outbound?: OutboundKind;
  readonly trusted?: NetworkNode;
  readonly withoutAuthentication?: NetworkNode;
  readonly allowIfSecure?: SecureOption;
  readonly trustedProfiles?: readonly TrustedProfile[];
  readonly serverService?: "keep" | "disabled";
  readonly workstationService?: "keep" | "disabled";
  readonly smb1?: "removed" | "leave";
  readonly minimumDialect?: SmbDialect | "leave";
  readonly encryption?: "required" | "leave";
  readonly ciphers?: readonly SmbCipher[];
  /** Of the value of a key, such as `inbound` or `services.server`. */
  readonly spans: ReadonlyMap<string, Span>;
}
