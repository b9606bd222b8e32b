import type { Diagnostic, Span } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import { isAnyAddress, isNoAddress, subtractAddresses } from "../net/index.js";
import type { Endpoint } from "./edge.js";
import type { HostRole } from "./hosts.js";

export interface RoleQuestion {
  readonly servers: { readonly domainControllers: Endpoint | undefined; readonly fileServers: Endpoint | undefined };
  /** Whether some role is for file servers. */
  readonly hasFileServers: boolean;
  /** Where a setting of the role stands. */
  spanOf(key: string): Span;
}

/**
 * What a role closes that its hosts cannot do without (errors), and what it leaves open that its kind asks to close
 * (warnings).
 *
 * Source: Microsoft, "Secure SMB traffic in Windows Server": never block SMB as a whole towards domain controllers and
 * file servers, never stop their server service, never stop the workstation service of a domain member.
 */
export function roleProblems(role: HostRole, question: RoleQuestion): Diagnostic[] {
  return [
    ...inboundProblems(role, question),
    ...outboundProblems(role, question),
    ...profileProblems(role, question),
    ...serviceProblems(role, question),
    ...cipherProblems(role, question),
  ];
}

type Told = (message: string, key: string, help: string) => Diagnostic;

function tellers({ spanOf }: RoleQuestion): { readonly locked: Told; readonly open: Told; readonly incomplete: Told } {
  const teller =
    (code: "RW2013" | "RW2014" | "RW2015"): Told =>
    (message, key, help) =>
      diagnostic(code, message, { primary: spanOf(key), help });
  return { locked: teller("RW2013"), incomplete: teller("RW2014"), open: teller("RW2015") };
}

function inboundProblems(role: HostRole, question: RoleQuestion): Diagnostic[] {
  const { locked, open } = tellers(question);
  if (role.inbound.kind === "none" && hasShares(role)) {
    return [
      locked(
        `the role "${role.name}" blocks all SMB to its hosts, and ${sharing(role)}`,
        "inbound",
        "write `inbound: trusted`, and below `trusted:` the networks of the hosts that use them",
      ),
    ];
  }
  if (role.inbound.kind === "any") {
    return [
      open(
        `the role "${role.name}" leaves SMB to its hosts to whatever rules they have: ${hasShares(role) ? "it should come from trusted networks only" : "hosts without shares need none"}`,
        "inbound",
        `write \`inbound: ${hasShares(role) ? "trusted" : "none"}\``,
      ),
    ];
  }
  const { domainControllers } = question.servers;
  if (role.kind === "domain-controller" && role.inbound.kind === "trusted" && domainControllers !== undefined) {
    const left = subtractAddresses(domainControllers.addresses, role.inbound.from.addresses);
    if (!isNoAddress(left)) {
      return [
        locked(
          `the role "${role.name}" does not trust all domain controllers ("${domainControllers.label}"), so that these could not reach each other`,
          "trusted",
          "add them to `trusted`",
        ),
      ];
    }
  }
  if (role.inbound.kind === "trusted" && isAnyAddress(role.inbound.from.addresses)) {
    return [
      open(
        `the role "${role.name}" trusts every address, which restricts SMB to its hosts in public networks alone`,
        "trusted",
        "name the networks of the hosts that use its shares",
      ),
    ];
  }
  return [];
}

function outboundProblems(role: HostRole, question: RoleQuestion): Diagnostic[] {
  const { locked, open } = tellers(question);
  const { outbound } = role;
  switch (outbound.kind) {
    case "none":
      return role.kind === "isolated" && !role.domainMember
        ? []
        : [
            locked(
              `the role "${role.name}" blocks all SMB from its hosts, also to domain controllers and file servers: ` +
                "Group Policy and logon scripts stop",
              "outbound",
              "write `outbound: authenticated`; only hosts of kind isolated that are in no domain can do without",
            ),
          ];
    case "authenticated":
      return [...unnamedFileServers(role, question), ...unnamedControllers(role, question)];
    case "any":
      return [
        open(
          `the role "${role.name}" leaves SMB from its hosts open in every network, public ones too`,
          "outbound",
          "write `outbound: authenticated`, or `trusted-profiles` to close public networks alone",
        ),
      ];
    case "trusted-profiles":
      return role.kind === "domain-controller"
        ? []
        : [
            open(
              `the role "${role.name}" leaves SMB from its hosts open to every address of trusted networks`,
              "outbound",
              "write `outbound: authenticated`, so that only named servers can be reached",
            ),
          ];
  }
}

function unnamedControllers(role: HostRole, question: RoleQuestion): Diagnostic[] {
  if (!role.domainMember || question.servers.domainControllers !== undefined) return [];
  return [
    tellers(question).incomplete(
      `hosts of the role "${role.name}" are members of a domain, and the policy does not name its domain controllers: ` +
        "all SMB to them would be blocked",
      "outbound",
      "add `domain-controllers:` to `hosts`, or write `domain-member: false`",
    ),
  ];
}

/** Sites without file servers there are; a policy that has a role for them and not their addresses is not finished. */
function unnamedFileServers(role: HostRole, { servers, hasFileServers, spanOf }: RoleQuestion): Diagnostic[] {
  if (servers.fileServers !== undefined) return [];
  return [
    diagnostic(
      "RW2014",
      `the policy does not name file servers: all SMB from hosts of the role "${role.name}" to them ${hasFileServers ? "would be" : "is"} blocked`,
      {
        ...(hasFileServers ? {} : { severity: "note" as const }),
        primary: spanOf("outbound"),
        help: "add `file-servers:` to `hosts`, with their networks",
      },
    ),
  ];
}

/** A profile that is not trusted is closed: a member of a domain lives in the domain's. */
function profileProblems(role: HostRole, question: RoleQuestion): Diagnostic[] {
  const needed = role.domainMember ? "domain" : "private";
  const closes = role.inbound.kind === "trusted" || !["none", "any"].includes(role.outbound.kind);
  if (!closes || role.trustedProfiles.includes(needed)) return [];
  return [
    tellers(question).locked(
      `the role "${role.name}" does not trust the ${needed} profile, in which its hosts are: all their SMB would be blocked`,
      "trusted-profiles",
      `add ${needed} to \`trusted-profiles\``,
    ),
  ];
}

function serviceProblems(role: HostRole, question: RoleQuestion): Diagnostic[] {
  const { locked } = tellers(question);
  return [
    ...(role.serverService === "disabled" && hasShares(role)
      ? [
          locked(
            `the role "${role.name}" disables the server service, and ${sharing(role)}`,
            "services.server",
            "write `server: keep`",
          ),
        ]
      : []),
    ...(role.workstationService === "disabled" && role.domainMember
      ? [
          locked(
            `the role "${role.name}" disables the workstation service of members of a domain: Group Policy stops being applied`,
            "services.workstation",
            "write `workstation: keep`, or `domain-member: false` for hosts that are in no domain",
          ),
        ]
      : []),
  ];
}

/** SMB 3.0 and 3.0.2 know AES-128-CCM and nothing else. Source: MS-SMB2 section 3.1.4.3. */
function cipherProblems(role: HostRole, question: RoleQuestion): Diagnostic[] {
  const { ciphers, minimumDialect } = role.smb;
  if (ciphers.length === 0 || ciphers.includes("AES-128-CCM") || minimumDialect === "SMB3.1.1") return [];
  return [
    tellers(question).locked(
      `the role "${role.name}" has no cipher that SMB 3.0 and 3.0.2 know, and does not ask for SMB 3.1.1`,
      "smb.ciphers",
      "add AES-128-CCM, or write `minimum-dialect: SMB3.1.1`",
    ),
  ];
}

function hasShares(role: HostRole): boolean {
  return role.kind === "file-server" || role.kind === "domain-controller";
}

function sharing(role: HostRole): string {
  return role.kind === "domain-controller"
    ? "domain controllers serve Group Policy over it"
    : "file servers are there for it";
}
