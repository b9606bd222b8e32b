import { expect } from "chai";
import { compile, feeds, policy, told } from "./policies.js";

/** The sample policy's rule with exceptions, one text each. */
function withExceptions(...exceptions: string[]): string {
  return policy(`${feeds}networks:
  branch: [10.20.0.0/16, "2001:db8:20::/48"]
  azure-files: { azure: { tags: [Storage.WestEurope] } }
  cloud: { azure: { tags: AzureCloud } }
  share: { office365: { areas: SharePoint } }
services: { smb: tcp/445, netbios: [udp/137-138, tcp/139] }
rules:
  - name: block-smb
    deny: [smb, netbios]
    except:
${exceptions.map((one) => `      - ${one}\n`).join("")}`);
}

/** A deny rule, and then one more. */
function rules(...list: string[]): string {
  return policy(`rules:\n${list.map((one, i) => `  - { name: r${i}, ${one} }\n`).join("")}`);
}

describe("an exception that has expired", () => {
  const text = withExceptions(
    "{ to: 192.0.2.7, from: branch, service: smb, direction: outbound, reason: CHG-1, expires: 2027-06-30 }",
  );

  it("is told of from the day after on, and stays in force", () => {
    expect(told(text, "2027-06-30")).to.deep.equal([]);
    expect(told(text, "2027-07-01")).to.deep.equal([
      'RW2005 at "2027-06-30": this exception (CHG-1) was meant to hold until 2027-06-30; it is still in force',
    ]);
    const { edge, diagnostics } = compile(text, "2027-07-01");
    expect(edge?.rules[0]?.exceptions).to.have.lengthOf(1);
    expect(diagnostics[0]?.severity).to.equal("warning");
  });

  it("is not told of without a date", () => {
    expect(told(text)).to.deep.equal([]);
  });

  it("cannot be judged by what is no date", () => {
    for (const today of ["2027-02-29", "tomorrow", "2027-7-1", ""]) {
      const { edge, diagnostics } = compile(text, today);
      expect(edge).to.equal(undefined);
      expect(diagnostics.map((one) => one.code)).to.deep.equal(["RW1008"]);
    }
  });
});

describe("an exception that takes nothing out of its rule", () => {
  const cases: readonly (readonly [title: string, exception: string, told: string])[] = [
    ["by its service", "{ to: 192.0.2.7, service: tcp/443 }", '"tcp/443": … the rule speaks of smb, netbios only'],
    ["by its service's family", "{ to: '::1', service: icmp/8 }", '"icmp/8": … the rule speaks of smb, netbios only'],
  ];
  for (const [title, exception, wanted] of cases) {
    it(`is told of, ${title}`, () => {
      expect(told(withExceptions(exception))).to.deep.equal([withoutEffect("block-smb", wanted)]);
    });
  }

  const others: readonly (readonly [title: string, rule: string, told: string])[] = [
    [
      "by its direction",
      "deny: tcp/445, direction: outbound, except: [{ to: 192.0.2.7, direction: inbound }]",
      '"inbound": … the rule is outbound only',
    ],
    [
      "by its family",
      "deny: tcp/445, family: ipv4, except: [{ to: any, family: ipv6 }]",
      '"ipv6": … the rule is ipv4 only',
    ],
    [
      "by its destinations",
      "deny: tcp/445, to: 10.0.0.0/8, except: [{ to: 192.0.2.0/24 }]",
      '"192.0.2.0/24": … "192.0.2.0/24" has no address in common with "10.0.0.0/8"',
    ],
    [
      "by its sources",
      "deny: tcp/445, from: '::/0', except: [{ from: 192.0.2.0/24 }]",
      '"192.0.2.0/24": … "192.0.2.0/24" has IPv4 addresses only, and IPv6 is asked for',
    ],
    [
      "by sources of one family and destinations of the other",
      "deny: tcp/445, except: [{ from: 192.0.2.0/24, to: '::1' }]",
      "\"'::1'\": … its sources are ipv4 and its destinations ipv6",
    ],
  ];
  for (const [title, rule, wanted] of others) {
    it(`is told of, ${title}`, () => {
      expect(told(rules(rule))).to.deep.equal([withoutEffect("r0", wanted)]);
    });
  }

  it("is left out, and the rule stays", () => {
    const { edge } = compile(withExceptions("{ to: 192.0.2.7, service: tcp/443 }"));
    expect(edge?.rules[0]?.exceptions).to.deep.equal([]);
  });
});

function withoutEffect(rule: string, text: string): string {
  return `RW2006 at ${text.replace("…", `this exception takes nothing out of the rule "${rule}":`)}`;
}

describe("an exception that opens more than its author may think", () => {
  const broad = (...exceptions: string[]): string[] =>
    told(withExceptions(...exceptions)).filter((one) => one.startsWith("RW2007"));

  it("is told of when it opens a whole cloud, with the count of addresses", () => {
    expect(broad("{ to: cloud, from: branch, service: smb, direction: outbound }")).to.deep.equal([
      'RW2007 at "cloud": this exception opens smb to all of AzureCloud: 34,304 IPv4 addresses and 131,072 IPv6 /64 networks, most of them machines that anybody can rent',
    ]);
  });

  it("counts only what the exception has left of the cloud", () => {
    expect(
      broad(
        "{ to: { of: cloud, minus: ['::/0', 198.18.0.0/15, 203.0.113.0/24, 20.0.0.0/8] }, from: branch, service: smb, direction: outbound }",
      )[0],
    ).to.contain("AzureCloud: 256 IPv4 addresses,");
    expect(
      broad("{ to: { of: cloud, minus: ['::/0', '0.0.0.0/0'], azure: { regions: WestEurope } }, service: smb }"),
    ).to.deep.equal([]);
  });

  it("is told of when Office 365 does not publish the port, with the count and what is published", () => {
    expect(broad("{ to: share, from: branch, service: smb, direction: outbound }")).to.deep.equal([
      'RW2007 at "share": this exception opens smb to 1,056 IPv4 addresses and 256 IPv6 /64 networks of Office 365, for which Microsoft does not publish it (published: tcp/80, tcp/443)',
    ]);
  });

  it("is not told of when Office 365 publishes the port", () => {
    const text = policy(
      `${feeds}rules: [{ name: r, deny: any, except: [{ to: { office365: { areas: SharePoint } }, service: tcp/443 }] }]\n`,
    );
    expect(told(text)).to.deep.equal([]);
  });

  it("is told of when it lets SMB go anywhere", () => {
    expect(broad("{ from: branch, service: smb, direction: outbound }")).to.deep.equal([
      'RW2007 at "{ from: branch, service: smb, direction: outbound }": this exception opens smb outbound to every address of the Internet',
    ]);
    expect(broad("{ to: 192.0.2.7, service: smb, direction: inbound }")).to.deep.equal([
      'RW2007 at "{ to: 192.0.2.7, service: smb, direction: inbound }": this exception opens smb inbound from every address of the Internet',
    ]);
  });

  it("is not told of when it publishes a server, or names both ends", () => {
    expect(told(rules("deny: any, direction: inbound, except: [{ to: 192.0.2.7, service: tcp/443 }]"))).to.deep.equal(
      [],
    );
    expect(broad("{ to: 192.0.2.7, from: branch, service: smb, direction: outbound }")).to.deep.equal([]);
  });

  it("is not told of for the inbound half of an exception to a feed: nobody routes those addresses inwards", () => {
    expect(broad("{ to: azure-files, service: smb }")).to.deep.equal([]);
  });

  it("is told of only for rules that deny: an exception from a permit closes", () => {
    expect(
      told(policy(`${feeds}rules: [{ name: r, permit: any, except: [{ to: { azure: { tags: AzureCloud } } }] }]\n`)),
    ).to.deep.equal([]);
  });

  it("is noted when others' storage accounts are open with one's own", () => {
    const { diagnostics } = compile(
      withExceptions("{ to: azure-files, from: branch, service: smb, direction: outbound }"),
    );
    expect(diagnostics.map((one) => `${one.severity} ${one.code}`)).to.deep.equal(["note RW2012"]);
  });
});

describe("a rule that can match no packet", () => {
  it("is an error when it has no addresses of its family", () => {
    expect(told(rules("deny: any, family: ipv6, to: 10.0.0.0/8"))).to.deep.equal([
      'RW2010 at "10.0.0.0/8": the rule "r0" is IPv6 only, and "10.0.0.0/8" has no such address',
    ]);
    expect(told(rules("deny: any, from: 10.0.0.0/8, to: '::1'"))).to.deep.equal([
      'RW2010 at "\'::1\'": the rule "r0" goes from IPv4 to IPv6, and no packet has both',
    ]);
    expect(compile(rules("deny: any, from: 10.0.0.0/8, to: '::1'")).edge).to.equal(undefined);
  });

  it("is told of when half of what it says aloud does not exist", () => {
    expect(told(rules("deny: any, family: both, to: 10.0.0.0/8"))).to.deep.equal([
      'RW2010 at "10.0.0.0/8": the rule "r0" says both families, and "10.0.0.0/8" has no IPv6 address: its IPv6 half does not exist',
    ]);
    expect(compile(rules("deny: any, family: both, to: 10.0.0.0/8")).edge?.rules).to.have.lengthOf(1);
  });

  it("is told of and left out when its services do not exist in its family", () => {
    expect(told(rules("deny: icmpv6, family: ipv4"))).to.deep.equal([
      'RW2009 at "icmpv6": the rule "r0" can match no packet: its services do not exist in IPv4',
    ]);
    expect(
      compile(rules("deny: icmpv6, family: ipv4", "deny: tcp/1")).edge?.rules.map((rule) => rule.name),
    ).to.deep.equal(["r1"]);
  });

  it("is told of when an exception takes out all of it", () => {
    expect(told(rules("deny: tcp/80, to: 10.0.0.0/8, except: [{ to: 10.0.0.0/7 }]"))).to.deep.equal([
      'RW2009 at "r0": the rule "r0" can match no packet: one of its exceptions takes out all of it',
    ]);
    expect(
      told(rules("deny: [tcp/80, tcp/81], to: 10.0.0.0/8, except: [{ to: 10.0.0.0/7, service: tcp/80 }]")),
    ).to.deep.equal([]);
  });

  it("is told of when an earlier rule decides all of it", () => {
    expect(
      told(rules("permit: tcp, direction: outbound", "deny: tcp/80, direction: outbound, to: 10.0.0.0/8")),
    ).to.deep.equal(['RW2009 at "r1": the rule "r1" can match no packet: "r0" decides all of them before']);
    for (const wider of [
      "deny: tcp/80",
      "deny: [tcp, udp], direction: outbound",
      "deny: tcp, direction: outbound, from: '::/0'",
    ]) {
      expect(told(rules("permit: tcp, direction: outbound, family: ipv4", wider)), wider).to.deep.equal([]);
    }
    expect(told(rules("permit: tcp, except: [{ to: 10.0.0.0/8, service: tcp/1 }]", "deny: tcp/1"))).to.deep.equal([]);
  });
});
