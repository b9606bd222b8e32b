import { expect } from "chai";
import { hostTruthOf } from "../../src/policy/index.js";
import { trace } from "../../src/packet-set/index.js";
import type { HostRole } from "../../src/policy/index.js";
import type { Packet } from "../../src/ir/index.js";
import { parseIpv4 } from "../../src/net/index.js";
import { secureConditions } from "../../src/policy/index.js";
import { edgeOf, told } from "./policies.js";

/** A policy with `hosts`; lines are those below the key. */
function policy(hosts: string): string {
  return `version: 1
name: test
networks:
  controllers: 10.0.0.5
  shares: 10.0.1.0/28
  offices: [10.20.0.0/16, "2001:db8:20::/48"]
  nas: 10.20.0.9
rules:
  - { name: block-smb, deny: tcp/445 }
hosts:
${hosts.replace(/^/gm, "  ")}
`;
}

const servers = "domain-controllers: controllers\nfile-servers: shares\ntrusted: [offices, controllers]\n";

function rolesOf(hosts: string): readonly HostRole[] {
  return edgeOf(policy(hosts)).hosts!.roles;
}

describe("the hosts of a policy", () => {
  it("do by default what their kind asks for", () => {
    const roles = rolesOf(
      `${servers}roles:\n  client:\n  member-server:\n  file-server:\n  domain-controller:\n  isolated:`,
    );
    const table = roles.map((role) =>
      [
        role.kind,
        role.inbound.kind,
        role.outbound.kind,
        role.serverService,
        role.workstationService,
        role.domainMember,
      ].join(" "),
    );
    expect(table).to.deep.equal([
      "client none authenticated keep keep true",
      "member-server none authenticated keep keep true",
      "file-server trusted authenticated keep keep true",
      "domain-controller trusted trusted-profiles keep keep true",
      "isolated none none disabled disabled false",
    ]);
  });

  it("follow the role, then all hosts, then the kind", () => {
    const [first, second] = rolesOf(
      `${servers}allow-if-secure: encrypted\nsmb: { encryption: required }\nroles:\n  client: { allow-if-secure: no-encapsulation, smb: { smb1: leave } }\n  office: { kind: client }`,
    );
    expect(first!.outbound).to.deep.include({ secure: "no-encapsulation" });
    expect(second!.outbound).to.deep.include({ secure: "encrypted" });
    expect([first!.smb.smb1, first!.smb.encryption, second!.smb.smb1]).to.deep.equal(["leave", "required", "removed"]);
  });

  it("may authenticate towards domain controllers and file servers alike", () => {
    const [client] = rolesOf(`${servers}roles: { client: }`);
    expect(client!.outbound).to.have.nested.property("to.label", "controllers, shares");
    expect(client!.outbound).to.have.nested.property("to.id", "controllers-shares");
  });

  it("never change the rules of the edge", () => {
    const ids = (text: string): string[] =>
      edgeOf(text).rules.map(({ name, from, to }) => `${name} ${from.id} ${to.id}`);
    const text = policy(`${servers}roles: { client: }`);
    expect(ids(text)).to.deep.equal(ids(text.replace(/hosts:[^]*$/, "")));
  });

  const errors: readonly (readonly [why: string, hosts: string, told: string])[] = [
    [
      "a domain controller that would block SMB to itself",
      `${servers}roles: { domain-controller: { inbound: none } }`,
      'RW2013 at "none": the role "domain-controller" blocks all SMB to its hosts, and domain controllers serve Group Policy over it',
    ],
    [
      "a file server that would block SMB to itself, although all hosts say so",
      `${servers}inbound: none\nroles: { nas-head: { kind: file-server } }`,
      'RW2013 at "none": the role "nas-head" blocks all SMB to its hosts, and file servers are there for it',
    ],
    [
      "members of a domain that would reach no domain controller",
      `${servers}roles: { client: { outbound: none } }`,
      'RW2013 at "none": the role "client" blocks all SMB from its hosts, also to domain controllers and file servers: Group Policy and logon scripts stop',
    ],
    [
      "isolated hosts that are members of a domain after all",
      `${servers}roles: { isolated: { domain-member: true, services: { server: disabled, workstation: keep } } }`,
      'RW2013 at "isolated": the role "isolated" blocks all SMB from its hosts, also to domain controllers and file servers: Group Policy and logon scripts stop',
    ],
    [
      "members of a domain that do not trust its profile",
      `${servers}roles: { client: { trusted-profiles: [private] } }`,
      'RW2013 at "[private]": the role "client" does not trust the domain profile, in which its hosts are: all their SMB would be blocked',
    ],
    [
      "a file server without its server service",
      `${servers}roles: { file-server: { services: { server: disabled } } }`,
      'RW2013 at "disabled": the role "file-server" disables the server service, and file servers are there for it',
    ],
    [
      "members of a domain without their workstation service",
      `${servers}roles: { client: { services: { workstation: disabled } } }`,
      'RW2013 at "disabled": the role "client" disables the workstation service of members of a domain: Group Policy stops being applied',
    ],
    [
      "ciphers that old dialects do not know",
      `${servers}roles: { client: { smb: { ciphers: [AES-128-GCM] } } }`,
      'RW2013 at "[AES-128-GCM]": the role "client" has no cipher that SMB 3.0 and 3.0.2 know, and does not ask for SMB 3.1.1',
    ],
    [
      "servers that nobody names",
      "roles: { client: }",
      'RW2014 at "client": the role "client" may reach servers when they authenticate, and there are none',
    ],
    [
      "domain controllers that nobody names",
      "file-servers: shares\nroles: { client: }",
      'RW2014 at "client": hosts of the role "client" are members of a domain, and the policy does not name its domain controllers: all SMB to them would be blocked',
    ],
    [
      "file servers that have a role and no addresses",
      "domain-controllers: controllers\ntrusted: offices\nroles: { client: , file-server: { outbound: any } }",
      'RW2014 at "client": the policy does not name file servers: all SMB from hosts of the role "client" to them would be blocked',
    ],
    [
      "trusted networks that nobody names",
      "roles: { file-server: { outbound: trusted-profiles } }",
      'RW2014 at "file-server": the role "file-server" lets trusted hosts in, and nothing says which these are',
    ],
    [
      "domain controllers that do not trust each other",
      `${servers}roles: { domain-controller: { trusted: offices } }`,
      'RW2013 at "offices": the role "domain-controller" does not trust all domain controllers ("controllers"), so that these could not reach each other',
    ],
    [
      "a name that no folder can have",
      `${servers}roles: { Aux.1: { kind: isolated } }`,
      'RW1002 at "Aux.1": "Aux.1" cannot name a role: no folder for its scripts can have that name on every system',
    ],
    [
      "a name that says nothing",
      `${servers}roles: { sales: }`,
      'RW1002 at "sales": the role "sales" does not say of which kind its hosts are',
    ],
    [
      "two names that are one folder on Windows",
      `${servers}roles: { client: , Client: { kind: client } }`,
      'RW2008 at "Client": the role "Client" differs from another in upper and lower case only',
    ],
  ];
  for (const [why, hosts, message] of errors) {
    it(`are refused with ${why}`, () => {
      expect(told(policy(hosts)).filter((one) => !one.startsWith("RW2015"))).to.deep.equal([message]);
    });
  }

  it("are warned about what hosts of their kind should close", () => {
    const hosts = `${servers}roles:\n  client: { inbound: any, outbound: any }\n  file-server: { trusted: any, outbound: trusted-profiles }`;
    expect(told(policy(hosts))).to.deep.equal([
      'RW2015 at "any": the role "client" leaves SMB to its hosts to whatever rules they have: hosts without shares need none',
      'RW2015 at "any": the role "client" leaves SMB from its hosts open in every network, public ones too',
      'RW2015 at "any": the role "file-server" trusts every address, which restricts SMB to its hosts in public networks alone',
      'RW2015 at "trusted-profiles": the role "file-server" leaves SMB from its hosts open to every address of trusted networks',
    ]);
  });

  it("name their networks as rules do, and an unknown one is told once", () => {
    const [problem, ...more] = told(
      policy(`${servers}without-authentication: [nas, printer]\nroles: { client: , office: { kind: client } }`),
    );
    expect(problem).to.match(/^RW2001 at "printer": no network is named "printer"/);
    expect(more).to.deep.equal([]);
  });
});

/** The table of the article, packet by packet. */
describe("what a role means", () => {
  const [client, fileServer, kiosk] = rolesOf(
    `${servers}without-authentication: nas\nroles: { client: , file-server: , kiosk: { kind: isolated } }`,
  ) as [HostRole, HostRole, HostRole];
  const profiles = { domain: "Domain", private: "Private", public: "Public" };

  function fate(role: HostRole, packet: Partial<Packet> & { readonly at: string; readonly with: string }): string {
    const device = hostTruthOf(role, profiles);
    const incoming = packet.at.startsWith("in ");
    const profile = packet.at.slice(packet.at.indexOf(" ") + 1);
    const other = parseIpv4(packet.with)!;
    const here = parseIpv4("10.20.7.7")!;
    const path = device.paths.find((one) => one.hook === (incoming ? "input" : "output"))!;
    return trace(path, {
      family: "ipv4",
      ...(incoming ? { ingress: profile } : { egress: profile }),
      state: "new",
      protocol: 6,
      sourcePort: 50000,
      destinationPort: 445,
      icmpType: 0,
      icmpCode: 0,
      tcpFlags: 2,
      source: incoming ? other : here,
      destination: incoming ? here : other,
      sourceMac: 0,
      conditions: new Set(),
      ...packet,
    }).fate;
  }
  const authenticated = new Set([secureConditions["no-encapsulation"], secureConditions.authenticated]);

  const cases: readonly (readonly [HostRole, string, string, ReadonlySet<string>, string])[] = [
    [client, "out Domain", "10.0.0.5", authenticated, "accepted"],
    [client, "out Private", "10.0.1.3", authenticated, "accepted"],
    [client, "out Domain", "10.0.0.5", new Set(), "dropped"],
    [client, "out Domain", "10.0.0.5", new Set([secureConditions["no-encapsulation"]]), "dropped"],
    [client, "out Domain", "10.20.0.9", new Set(), "undecided"],
    [client, "out Domain", "10.20.0.8", authenticated, "dropped"],
    [client, "out Public", "10.0.0.5", authenticated, "dropped"],
    [client, "out Public", "10.20.0.9", new Set(), "dropped"],
    [client, "in Domain", "10.20.1.1", authenticated, "dropped"],
    [fileServer, "in Domain", "10.20.1.1", new Set(), "accepted"],
    [fileServer, "in Private", "10.20.1.1", new Set(), "accepted"],
    [fileServer, "in Public", "10.20.1.1", new Set(), "dropped"],
    [fileServer, "in Domain", "192.0.2.1", new Set(), "dropped"],
    [kiosk, "out Domain", "10.0.0.5", authenticated, "dropped"],
    [kiosk, "in Domain", "10.0.0.5", new Set(), "dropped"],
  ];
  for (const [role, at, address, conditions, is] of cases) {
    const how =
      conditions.size === 0 ? "" : conditions.size === 1 ? ", authenticated without integrity" : ", authenticated";
    it(`for ${role.name}, ${at}, ${address}${how}: ${is}`, () => {
      expect(fate(role, { at, with: address, conditions })).to.equal(is);
    });
  }

  it("says nothing about other ports", () => {
    for (const role of [client, fileServer, kiosk])
      for (const at of ["in Public", "out Public", "out Domain"])
        expect(fate(role, { at, with: "192.0.2.1", destinationPort: 443 })).to.equal("undecided");
  });
});
