import fc from "fast-check";
import type { Edge, Endpoint, HostRole, Hosts, InboundSmb, OutboundSmb } from "../../src/vendor-kit/index.js";
import {
  anyAddress,
  roleKinds,
  secureOptions,
  smbCiphers,
  smbDialects,
  subtractAddresses,
  trustedProfiles,
} from "../../src/vendor-kit/index.js";
import { addresses, edgeOf, edgeRule, network } from "./edge.js";

const servers = network("servers", "10.0.0.5", "10.0.1.0/28", "2001:db8:0:5::/64");
const clients = network("clients", "10.20.0.0/16", "2001:db8:20::/48");
const nas = network("nas", "10.20.0.9");
const onlyNew = network("only-new", "2001:db8:77::/48");
const everywhere: Endpoint = { label: "any", id: "any", addresses: anyAddress };
const rest: Endpoint = {
  label: "not clients",
  id: "not-clients",
  addresses: subtractAddresses(anyAddress, clients.addresses),
};
/** A list that needs several rules. */
const many: Endpoint = {
  label: "many",
  id: "many",
  addresses: {
    ipv4: Array.from({ length: 1500 }, (_, i) => ({ first: 0x0b000000 + i * 4, last: 0x0b000000 + i * 4 + 1 })),
    ipv6: addresses("2001:db8:99::/64").ipv6,
  },
};

const endpoints = [servers, clients, nas, onlyNew, everywhere, rest, many];
const texts = [
  "Laptops",
  "営業部のパソコン",
  "‘; Remove-Item C:\\ -Recurse #",
  '$(Stop-Computer) `" ” „',
  "a\u2028b\r\nc",
];

export const everyInbound: readonly InboundSmb[] = [
  { kind: "none" },
  { kind: "any" },
  { kind: "trusted", from: clients },
  { kind: "trusted", from: everywhere },
];

export const everyOutbound: readonly OutboundSmb[] = [
  { kind: "none" },
  { kind: "any" },
  { kind: "trusted-profiles" },
  ...secureOptions.flatMap((secure): OutboundSmb[] => [
    { kind: "authenticated", to: servers, secure },
    { kind: "authenticated", to: servers, secure, withoutAuthentication: nas },
  ]),
];

/** Roles of every kind in any combination, also such as the policy's own checks would refuse. */
export function arbitraryRole(): fc.Arbitrary<HostRole> {
  const endpoint = fc
    .constantFrom(...endpoints)
    .chain((one) => fc.constantFrom(...texts).map((label): Endpoint => ({ ...one, label: `${one.label} ${label}` })));
  const inbound: fc.Arbitrary<InboundSmb> = fc.oneof(
    fc.constantFrom<InboundSmb>({ kind: "none" }, { kind: "any" }),
    endpoint.map((from): InboundSmb => ({ kind: "trusted", from })),
  );
  const outbound: fc.Arbitrary<OutboundSmb> = fc.oneof(
    fc.constantFrom<OutboundSmb>({ kind: "none" }, { kind: "any" }, { kind: "trusted-profiles" }),
    fc
      .record({
        to: endpoint,
        secure: fc.constantFrom(...secureOptions),
        others: fc.option(endpoint, { nil: undefined }),
      })
      .map(({ to, secure, others }): OutboundSmb => ({
        kind: "authenticated",
        to,
        secure,
        ...(others && { withoutAuthentication: others }),
      })),
  );
  return fc
    .record({
      name: fc.constantFrom("client", "Kiosk_2", "x.y-z"),
      kind: fc.constantFrom(...roleKinds),
      description: fc.option(fc.constantFrom(...texts), { nil: undefined }),
      domainMember: fc.boolean(),
      trusted: fc.constantFrom(trustedProfiles, trustedProfiles, ["domain"] as const, ["private"] as const),
      inbound,
      outbound,
      serverService: fc.constantFrom("keep" as const, "disabled" as const),
      workstationService: fc.constantFrom("keep" as const, "disabled" as const),
      smb1: fc.constantFrom("removed" as const, "leave" as const),
      minimumDialect: fc.constantFrom(...smbDialects, "leave" as const),
      encryption: fc.constantFrom("required" as const, "leave" as const),
      ciphers: fc.subarray([...smbCiphers]),
    })
    .map(({ description, trusted, smb1, minimumDialect, encryption, ciphers, ...role }) => ({
      ...role,
      ...(description !== undefined && { description }),
      trustedProfiles: trusted,
      smb: { smb1, minimumDialect, encryption, ciphers },
    }));
}

export function roleOf(rest: Partial<HostRole> = {}): HostRole {
  return {
    name: "client",
    kind: "client",
    domainMember: true,
    trustedProfiles,
    inbound: { kind: "none" },
    outbound: { kind: "authenticated", to: servers, secure: "authenticated" },
    serverService: "keep",
    workstationService: "keep",
    smb: { smb1: "removed", minimumDialect: "leave", encryption: "leave", ciphers: [] },
    ...rest,
  };
}

/** An edge policy with these roles; of different names, unless there is one only. */
export function hostsEdge(roles: readonly HostRole[], rest: Partial<Hosts> = {}): Edge {
  const named = roles.map((role, i) => (roles.length === 1 ? role : { ...role, name: `${role.name}-${i}` }));
  return edgeOf([edgeRule("block-smb")], { hosts: { roles: named, cloudFiles: false, ...rest } });
}
