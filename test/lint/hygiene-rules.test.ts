import { expect } from "chai";
import { applyEdits } from "../../src/diagnostics/index.js";
import { briefly, lintText, only } from "./lint-text.js";

const hygiene = ["RW4030", "RW4031", "RW4032", "RW4033", "RW4034", "RW4035", "RW4036", "RW4037", "RW4038"];

async function input(...lines: readonly string[]): Promise<string[]> {
  const lint = await lintText(text(...lines), { families: ["ipv4"] });
  return briefly(lint, ...hygiene);
}

/** The first line of a test is line 5. */
function text(...lines: readonly string[]): string {
  return ["*filter", ":INPUT DROP [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT DROP [0:0]", ...lines, "COMMIT", ""].join(
    "\n",
  );
}

describe("a rule that makes no difference", () => {
  it("is shadowed by all rules in front of it together", async () => {
    expect(
      await input(
        "-A INPUT -p tcp --dport 1000:1500 -j ACCEPT",
        "-A INPUT -p tcp --dport 1501:2000 -j ACCEPT",
        "-A INPUT -p tcp --dport 1400:1600 -j DROP",
      ),
    ).to.deep.equal(["RW4030@7 must"]);
  });

  it("is not shadowed when one packet is left to it", async () => {
    expect(
      await input(
        "-A INPUT -p tcp --dport 1:500 -j ACCEPT",
        "-A INPUT -p tcp --dport 502:1000 -j ACCEPT",
        "-A INPUT -p tcp --dport 400:600 -j REJECT",
      ),
    ).to.deep.equal([]);
  });

  it("is not shadowed by a rule that depends on a condition", async () => {
    expect(
      await input("-A INPUT -p tcp -m recent --name x --rcheck -j ACCEPT", "-A INPUT -p tcp --dport 22 -j REJECT"),
    ).to.deep.equal([]);
  });

  it("is not shadowed by a rule that was not understood", async () => {
    expect(await input("-A INPUT -p tcp -j SOMETHING", "-A INPUT -p tcp --dport 22 -j REJECT")).to.deep.equal([]);
  });

  it("is redundant when a later rule decides the same", async () => {
    expect(
      await input("-A INPUT -p tcp --dport 22 -j ACCEPT", "-A INPUT -p tcp --dport 20:25 -j ACCEPT"),
    ).to.deep.equal(["RW4031@5 must"]);
  });

  it("is redundant when rules in front of it decided the same", async () => {
    expect(
      await input("-A INPUT -p tcp --dport 20:25 -j ACCEPT", "-A INPUT -p tcp --dport 22 -j ACCEPT"),
    ).to.deep.equal(["RW4031@6 must"]);
  });

  it("is kept when a rule between the two decides otherwise", async () => {
    expect(
      await input(
        "-A INPUT -p tcp --dport 22 -j ACCEPT",
        "-A INPUT -p tcp --dport 22:23 -j DROP",
        "-A INPUT -p tcp --dport 20:25 -j ACCEPT",
      ),
    ).to.deep.equal([]);
  });

  it("is a duplicate when the same words stand in front, and only the second is", async () => {
    expect(await input("-A INPUT -p tcp --dport 22 -j ACCEPT", "-A INPUT -p tcp --dport 22 -j ACCEPT")).to.deep.equal([
      "RW4037@6 must",
    ]);
  });

  it("is dead when its conditions exclude each other", async () => {
    expect(await input("-A INPUT -o eth0 -p tcp --dport 22 -j ACCEPT")).to.deep.equal(["RW4034@5 must"]);
  });

  it("is dead when no jump brings its packets", async () => {
    const lint = await lintText(
      text("-A INPUT -p tcp -j side", "-A side -p udp -j ACCEPT", "-A side -p tcp --dport 22 -j ACCEPT").replace(
        ":OUTPUT",
        ":side - [0:0]\n:OUTPUT",
      ),
      { families: ["ipv4"] },
    );
    expect(briefly(lint, ...hygiene)).to.deep.equal(["RW4034@7 must"]);
  });

  it("is not told of a rule that logs, nor of one that only says what the end of the chain says", async () => {
    expect(await input("-A INPUT -j LOG", "-A INPUT -p tcp --dport 22 -j ACCEPT", "-A INPUT -j DROP")).to.deep.equal(
      [],
    );
  });

  it("is not redundant where it rejects what another rule would reject: their answers may differ", async () => {
    expect(
      await input(
        "-A INPUT -p tcp -j REJECT --reject-with tcp-reset",
        "-A INPUT -p udp -j ACCEPT",
        "-A INPUT -j REJECT",
      ),
    ).to.deep.equal([]);
  });

  it("is not told of a denial that the policy asks for", async () => {
    expect(
      await input("-A INPUT -p tcp --dport 445 -j DROP", "-A INPUT -p udp --dport 53 -j ACCEPT", "-A INPUT -j DROP"),
    ).to.deep.equal([]);
  });

  it("is not told twice of a denial that comes too late for denied traffic", async () => {
    expect(await input("-A INPUT -p tcp -j ACCEPT", "-A INPUT -p tcp --dport 445 -j DROP")).to.deep.equal([]);
  });

  it("is not told of what catches all that other chains leave, where they leave nothing", async () => {
    const chain = text(
      "-A INPUT -j zone",
      "-A INPUT -j REJECT",
      "-A zone -p tcp --dport 22 -j ACCEPT",
      "-A zone -j DROP",
    );
    const lint = await lintText(chain.replace(":OUTPUT", ":zone - [0:0]\n:OUTPUT"), { families: ["ipv4"] });
    expect(briefly(lint, ...hygiene)).to.deep.equal([]);
  });

  it("is the jump alone where no packet comes to a chain", async () => {
    const chain = text(
      "-A INPUT -o eth0 -j side",
      "-A side -p tcp --dport 22 -j ACCEPT",
      "-A side -s 10.0.0.1 -j ACCEPT",
    );
    const lint = await lintText(chain.replace(":OUTPUT", ":side - [0:0]\n:OUTPUT"), { families: ["ipv4"] });
    expect(briefly(lint, ...hygiene)).to.deep.equal(["RW4034@6 must"]);
  });

  it("can be cut out with all others of its kind, and nothing changes", async () => {
    const before = text(
      "-A INPUT -p tcp --dport 22 -j ACCEPT",
      "-A INPUT -p tcp --dport 20:25 -j ACCEPT",
      "-A INPUT -p tcp --dport 22 -j ACCEPT",
      "-A INPUT -p tcp --dport 23 -j DROP",
      "-A INPUT -p tcp --dport 80 -j ACCEPT",
    );
    const lint = await lintText(before, { families: ["ipv4"] });
    const fixes = lint.findings.flatMap((one) => one.fix?.edits ?? []);
    expect(applyEdits(fixes[0]!.span.source, fixes)).to.equal(
      text("-A INPUT -p tcp --dport 20:25 -j ACCEPT", "-A INPUT -p tcp --dport 80 -j ACCEPT"),
    );
  });
});

describe("pairs of rules that differ", () => {
  const severities = new Map([
    ["RW4032", "note"],
    ["RW4033", "note"],
  ] as const);
  const pairs = async (...lines: readonly string[]): Promise<string[]> =>
    briefly(await lintText(text(...lines), { families: ["ipv4"], severities }), "RW4032", "RW4033");

  it("are a special case and a general one", async () => {
    expect(await pairs("-A INPUT -s 10.0.0.5 -p tcp -j ACCEPT", "-A INPUT -p tcp -j DROP")).to.deep.equal([
      "RW4032@5 must",
    ]);
  });

  it("overlap, so that their order decides", async () => {
    expect(await pairs("-A INPUT -s 10.0.0.5 -j ACCEPT", "-A INPUT -p tcp -j DROP")).to.deep.equal(["RW4033@5 must"]);
  });

  it("are not looked for unless somebody asks", async () => {
    expect(await input("-A INPUT -s 10.0.0.5 -j ACCEPT", "-A INPUT -p tcp -j REJECT")).to.deep.equal([]);
  });
});

describe("a permit of everything", () => {
  it("is told where it lets everything in from outside", async () => {
    const lint = await lintText(text("-A FORWARD -i wan0 -j ACCEPT"), {
      families: ["ipv4"],
      outside: ["wan0"],
      inside: ["lan0"],
    });
    expect(briefly(lint, "RW4038")).to.deep.equal(["RW4038@5 must inbound ipv4"]);
  });

  it("is none where other rules send it little of everything", async () => {
    const lint = await lintText(
      text("-A FORWARD -i wan0 -p tcp --dport 22 -j limited", "-A limited -j ACCEPT").replace(
        ":OUTPUT",
        ":limited - [0:0]\n:OUTPUT",
      ),
      { families: ["ipv4"], outside: ["wan0"], inside: ["lan0"] },
    );
    expect(briefly(lint, "RW4038")).to.deep.equal([]);
  });

  it("is none where it lets everything out, or replies in", async () => {
    const lint = await lintText(
      text("-A FORWARD -i lan0 -j ACCEPT", "-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"),
      { families: ["ipv4"], outside: ["wan0"], inside: ["lan0"] },
    );
    expect(briefly(lint, "RW4038")).to.deep.equal([]);
  });
});

describe("a denial without a log", () => {
  const policy = "version: 1\nname: t\nrules:\n  - { name: smb, deny: tcp/445, direction: both, log: true }\n";
  const options = { families: ["ipv4"], outside: ["wan0"], inside: ["lan0"], hooks: ["forward"], policy } as const;

  it("is told where the policy wants one", async () => {
    const lint = await lintText(text("-A FORWARD -p tcp --dport 445 -j DROP"), options);
    expect(briefly(lint, "RW4039")).to.deep.equal(["RW4039@5 must inbound+outbound ipv4"]);
  });

  it("is none where a rule in front of it logs", async () => {
    const lint = await lintText(
      text("-A FORWARD -p tcp --dport 445 -j LOG", "-A FORWARD -p tcp --dport 445 -j DROP"),
      options,
    );
    expect(briefly(lint, "RW4039")).to.deep.equal([]);
  });
});

describe("definitions", () => {
  it("are unused, or used and empty", async () => {
    const lint = await lintText(
      [
        "table ip f {",
        " set unused { type ipv4_addr; elements = { 10.0.0.1 } }",
        " set empty { type ipv4_addr; }",
        " chain forward { type filter hook forward priority 0; policy drop; ip saddr @empty accept; }",
        "}",
        "",
      ].join("\n"),
      { families: ["ipv4"], hooks: ["forward"] },
    );
    expect(only(lint, "RW4035").message).to.contain("unused");
    expect(only(lint, "RW4036").message).to.contain("empty");
  });

  it("that are chains may be empty: programs write them for others to fill", async () => {
    const lint = await lintText(text("-A INPUT -j side").replace(":OUTPUT", ":side - [0:0]\n:OUTPUT"), {
      families: ["ipv4"],
    });
    expect(briefly(lint, "RW4036")).to.deep.equal([]);
  });
});
