import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import fc from "fast-check";
import { pathOf, trace } from "../../src/packet-set/index.js";
import type { Hook, Packet, Parsed, Source, State } from "../../src/vendor-kit/index.js";
import { parseIpv4, parseIpv6, spanLabel, spanText, states, tcpFlags } from "../../src/vendor-kit/index.js";
import iptables from "../../vendors/iptables/index.js";
import { describeShared } from "../support/shared.js";

const fixtures = fileURLToPath(new URL("../../vendors/iptables/fixtures/", import.meta.url));

/** The texts of a fixture, apart from the packets and what is expected of them. */
function sourcesOf(name: string): Source[] {
  return readdirSync(join(fixtures, name))
    .filter((file) => file !== "packets.txt")
    .map((file) => ({ path: file, text: readFileSync(join(fixtures, name, file), "utf8") }));
}

const protocolNumbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58, sctp: 132, gre: 47 };

/**
 * `forward eth0 eth1 tcp 203.0.113.9:40000 > 192.0.2.10:445 new flags syn,ack mac 02:00:00:00:00:01 if "words" = dropped`
 */
function probeOf(line: string): { readonly hook: Hook; readonly packet: Packet; readonly fate: string } {
  const [asked = "", fate = ""] = line.split(/ = (?=\w+$)/);
  const conditions = [...asked.matchAll(/ if "((?:[^"\\]|\\.)*)"/g)].map((found) => found[1]!.replace(/\\"/g, '"'));
  const words = asked.replace(/ if "(?:[^"\\]|\\.)*"/g, "").split(" ");
  const hook = words.shift() as Hook;
  const ingress = hook === "output" ? undefined : words.shift()!;
  const egress = hook === "input" ? undefined : words.shift()!;
  const protocolWord = words.shift()!;
  const protocol = protocolNumbers[protocolWord] ?? Number(protocolWord);
  const hasPorts = [6, 17, 132].includes(protocol);
  const [source, , destination, ...rest] = words;
  const after = (word: string): string | undefined => (rest.includes(word) ? rest[rest.indexOf(word) + 1] : undefined);
  const [from, sourcePort] = endOf(source!);
  const [to, destinationPort] = endOf(destination!);
  const flags = (after("flags") ?? "syn").split(",").map((name) => tcpFlags[name as keyof typeof tcpFlags]);
  return {
    hook,
    fate,
    packet: {
      family: typeof from === "number" ? "ipv4" : "ipv6",
      ...(ingress !== undefined && { ingress }),
      ...(egress !== undefined && { egress }),
      state: states.find((state) => rest.includes(state)) as State,
      protocol,
      sourcePort: hasPorts ? (sourcePort ?? 40000) : 0,
      destinationPort: destinationPort ?? 0,
      icmpType: Number(after("type") ?? 0),
      icmpCode: Number(after("code") ?? 0),
      tcpFlags: protocol === 6 ? flags.reduce((a, b) => a | b, 0) : 0,
      source: from,
      destination: to,
      sourceMac: Number.parseInt((after("mac") ?? "0").replace(/:/g, ""), 16),
      conditions: new Set(conditions),
    },
  };
}

/** The last colon of an IPv6 address with a port comes before decimal digits after a whole address. */
function endOf(text: string): readonly [number | bigint, number | undefined] {
  const whole = parseIpv4(text) ?? parseIpv6(text);
  const ipv4 = /^(\d+\.\d+\.\d+\.\d+):(\d+)$/.exec(text);
  if (ipv4 !== null) return [parseIpv4(ipv4[1]!)!, Number(ipv4[2])];
  const colon = text.lastIndexOf(":");
  const port = text.slice(colon + 1);
  // `2001:db8::1:80` is an address too: in these fixtures a port follows where the whole has more than one group after "::".
  const address = parseIpv6(text.slice(0, colon));
  if (address !== undefined && /::[0-9a-f]+:\d+$/.test(text)) return [address, Number(port)];
  return [whole!, undefined];
}

function fateOf(parsed: Parsed, hook: Hook, packet: Packet): string {
  return trace(pathOf(parsed.device.paths, hook)!, packet).fate;
}

function read(text: string, path = "rules.v4"): Parsed {
  return iptables.parse([{ path, text }], {});
}

/** The fate of one packet through rules of the filter table's FORWARD chain, which else accepts. */
function forwardFate(rules: string, probe: string): string {
  const text = `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules}\nCOMMIT\n`;
  const { hook, packet } = probeOf(`${probe} = x`);
  return fateOf(read(text, packet.family === "ipv6" ? "rules.v6" : "rules.v4"), hook, packet);
}

const smbPacket = "forward eth0 eth1 tcp 203.0.113.9 > 192.0.2.10:445 new";

describe("iptables: reading", () => {
  describe("configurations as they are found", () => {
    for (const name of readdirSync(fixtures).filter((one) => existsSync(join(fixtures, one, "packets.txt")))) {
      it(`judges packets as the kernel would: ${name.replace(/^read-/, "")}`, () => {
        const parsed = iptables.parse(sourcesOf(name), {});
        const lines = readFileSync(join(fixtures, name, "packets.txt"), "utf8").split("\n");
        for (const line of lines.filter((one) => one !== "" && !one.startsWith("#"))) {
          const { hook, packet, fate } = probeOf(line);
          expect(fateOf(parsed, hook, packet), line).to.equal(fate);
        }
      });

      it(`is recognised and leaves nothing unread that is plain: ${name.replace(/^read-/, "")}`, () => {
        for (const source of sourcesOf(name)) expect(iptables.detect(source), source.path).to.be.greaterThan(0.7);
        const unread = iptables.parse(sourcesOf(name), {}).diagnostics.filter((one) => one.code === "RW6001");
        const expected =
          { "read-old-script": ["[ -f /etc/allow-rdp ]"], "read-init-script": ["$(cat /etc/friends)"] }[name] ?? [];
        expect(unread.map((one) => spanText(one.primary!))).to.deep.equal(expected);
      });
    }
  });

  describe("matches", () => {
    const cases: readonly (readonly [rule: string, probe: string, fate: string])[] = [
      ["-A FORWARD -d ! 192.0.2.10 -j DROP", smbPacket, "accepted"],
      ["-A FORWARD -d ! 192.0.2.11 -j DROP", smbPacket, "dropped"],
      ["-A FORWARD ! -d 192.0.2.11 -j DROP", smbPacket, "dropped"],
      ["-A FORWARD -p ! tcp -j DROP", smbPacket, "accepted"],
      ["-A FORWARD -i ! eth1 -j DROP", smbPacket, "dropped"],
      ["-A FORWARD -p tcp --dport ! 445 -j DROP", smbPacket, "accepted"],
      ["-A FORWARD -p tcp -m tcp ! --syn -j DROP", smbPacket, "accepted"],
      ["-A FORWARD -m state --state ! NEW -j DROP", smbPacket, "accepted"],
      ["-A FORWARD -p tcp --tcp-flags ! SYN,ACK SYN -j DROP", smbPacket, "accepted"],
      ["-A FORWARD -p 6 --dport microsoft-ds -j DROP", smbPacket, "dropped"],
      ["-A FORWARD -ptcp --dport=445 -jDROP", smbPacket, "dropped"],
      ["-A FORWARD --protocol tcp --destination-port 444: --jump DROP", smbPacket, "dropped"],
      [
        "-A FORWARD -s 203.0.113.9/255.255.255.0 -j DROP",
        "forward eth0 eth1 tcp 203.0.113.200 > 192.0.2.1:1 new",
        "dropped",
      ],
      ["-A FORWARD -s 203/8 -j DROP", smbPacket, "dropped"],
      ["-A FORWARD -s 10.0.0.1,203.0.113.9 -j DROP", smbPacket, "dropped"],
      [
        "-A FORWARD -p tcp -m multiport --ports 1,445 -j DROP",
        "forward eth0 eth1 tcp 203.0.113.9:445 > 192.0.2.10:5 new",
        "dropped",
      ],
      ["-A FORWARD -p tcp -m multiport ! --dports 1:444,446:65535 -j DROP", smbPacket, "dropped"],
      ["-A FORWARD -p all -j DROP", smbPacket, "dropped"],
      ["-A FORWARD -o eth+ -j DROP", smbPacket, "dropped"],
      ["-A FORWARD -o + -j DROP", smbPacket, "dropped"],
      ["-A FORWARD -p tcp -m conntrack --ctproto 6 --ctorigdstport 445 -j DROP", smbPacket, "accepted"],
      [
        "-A FORWARD -m conntrack --ctdir ORIGINAL -j DROP",
        "forward eth0 eth1 tcp 1.2.3.4 > 192.0.2.1:1 untracked",
        "accepted",
      ],
      [
        "-A FORWARD -m conntrack --ctstate UNTRACKED --ctdir REPLY -j DROP",
        "forward eth0 eth1 tcp 1.2.3.4 > 192.0.2.1:1 untracked",
        "dropped",
      ],
      ["-A FORWARD -m recent --set --name x -j DROP", smbPacket, "dropped"],
      ["-A FORWARD -m recent --rcheck --name x -j DROP", smbPacket, "accepted"],
      ["-A FORWARD -m recent ! --rcheck --name x -j DROP", smbPacket, "dropped"],
      [
        "-A FORWARD -p udp -j DROP\n-A FORWARD -p tcp -m tcp --dport 445 -j RETURN\n-A FORWARD -j DROP",
        smbPacket,
        "accepted",
      ],
      [
        '-A FORWARD -j LOG --log-prefix "-j DROP"\n-A FORWARD -j REJECT --reject-with icmp-net-prohibited',
        smbPacket,
        "rejected",
      ],
      ['-A FORWARD -m comment --comment "! -p udp -j ACCEPT" -j DROP', smbPacket, "dropped"],
      ["-A FORWARD -p tcp -j QUEUE", smbPacket, "unknown"],
      ["-A FORWARD -j NOSUCHTARGET --with options", smbPacket, "unknown"],
      ["-A FORWARD -j nosuchchain", smbPacket, "unknown"],
      ["-N OK\n-A OK -j ACCEPT\n-A FORWARD -j OK --frobnicate\n-A FORWARD -j DROP", smbPacket, "dropped"],
      [
        "-A FORWARD -p tcp -m multiport --source-port 1,40000 -m multiport --dport 445,446 -j DROP",
        smbPacket,
        "dropped",
      ],
      [
        "-A FORWARD -p tcp -m tcp --dport 445 -m frobnicate --level 3 -j ACCEPT\n-A FORWARD -j DROP",
        smbPacket,
        "dropped",
      ],
      [
        "-A FORWARD -p ipv6-icmp -m icmp6 --icmpv6-type 1/4 -j DROP",
        "forward eth0 eth1 icmpv6 2001:db8::1 > 2001:db8::2 type 1 code 4 new",
        "dropped",
      ],
      [
        "-A FORWARD -p ipv6-icmp --icmpv6-type echo-request -j DROP",
        "forward eth0 eth1 icmpv6 2001:db8::1 > 2001:db8::2 type 128 new",
        "dropped",
      ],
      [
        "-A FORWARD -s 2001:db8::/ffff:ffff:: -j DROP",
        "forward eth0 eth1 icmpv6 2001:db8:5::1 > 2001:db9::2 type 128 new",
        "dropped",
      ],
      ["-A FORWARD -6 -j DROP", smbPacket, "accepted"],
      ["-A FORWARD -f -j DROP", smbPacket, "accepted"],
      ["[5:60] -A FORWARD -p tcp -j DROP", smbPacket, "dropped"],
      ["-I FORWARD -j ACCEPT\n-A FORWARD -j DROP\n-D FORWARD 1", smbPacket, "dropped"],
      ["-A FORWARD -j ACCEPT\n-R FORWARD 1 -j DROP", smbPacket, "dropped"],
      ["-P FORWARD DROP", smbPacket, "dropped"],
    ];
    for (const [rule, probe, fate] of cases) {
      it(rule.replace(/\n/g, " / "), () => {
        expect(forwardFate(rule, probe), probe).to.equal(fate);
      });
    }

    it("keeps limits of two rules apart, and the same question of two rules together", () => {
      const limits = read(
        "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m limit --limit 3/min -j ACCEPT\n-A FORWARD -m limit --limit 3/min -j ACCEPT\n-A FORWARD -m owner --uid-owner 0 -j ACCEPT\n-A FORWARD -m owner --uid-owner 0 -j ACCEPT\nCOMMIT\n",
      );
      const notes = limits.diagnostics.filter((one) => one.code === "RW6002").map((one) => one.message);
      expect(notes).to.have.length(3);
    });
  });

  describe("what is not given or not understood", () => {
    it("is unknown where a family is missing, and says so", () => {
      const parsed = read("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n");
      const { packet } = probeOf("forward eth0 eth1 tcp 2001:db8::9 > 2001:db8::1:445 new = x");
      expect(fateOf(parsed, "forward", packet)).to.equal("unknown");
      expect(parsed.diagnostics.map((one) => one.code)).to.deep.equal(["RW6006"]);
    });

    it("leaves a packet undecided where a part for --noflush does not decide it", () => {
      const parsed = read(
        "*filter\n:OWN - [0:0]\n-A OWN -p tcp -m tcp --dport 445 -j DROP\n-I FORWARD 1 -j OWN\nCOMMIT\n",
      );
      expect(fateOf(parsed, "forward", probeOf(`${smbPacket} = x`).packet)).to.equal("dropped");
      const other = probeOf("forward eth0 eth1 tcp 203.0.113.9 > 192.0.2.10:80 new = x");
      expect(fateOf(parsed, "forward", other.packet)).to.equal("undecided");
    });

    it("makes all of a table unknown that is not committed or has a line that cannot be read", () => {
      for (const text of [
        "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j DROP\n",
        "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j DROP\nwhat is this\nCOMMIT\n",
      ]) {
        const parsed = read(text);
        expect(fateOf(parsed, "forward", probeOf(`${smbPacket} = x`).packet), text).to.equal("unknown");
        expect(parsed.diagnostics.some((one) => one.code === "RW6001" || one.code === "RW6004")).to.equal(true);
      }
    });

    it("says where chains lead in circles", () => {
      const parsed = read(
        "*filter\n:FORWARD ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n-A FORWARD -j A\n-A A -j B\n-A B -p tcp -j A\nCOMMIT\n",
      );
      expect(fateOf(parsed, "forward", probeOf(`${smbPacket} = x`).packet)).to.equal("unknown");
      expect(
        parsed.diagnostics.filter((one) => one.code === "RW6004").map((one) => spanText(one.primary!)),
      ).to.deep.equal(["-A B -p tcp -j A"]);
    });

    it("points at the word that it does not know", () => {
      const parsed = read(
        "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p tcp -m frobnicate --level 3 -j ACCEPT\nCOMMIT\n",
      );
      const [unread] = parsed.diagnostics.filter((one) => one.code === "RW6001");
      expect(spanText(unread!.primary!)).to.equal("frobnicate");
      expect(spanLabel(unread!.primary!)).to.equal("rules.v4:3:22");
    });

    it("does not trust a set that rules fill or whose entries expire", () => {
      const sets = "create a hash:ip family inet\nadd a 203.0.113.9\ncreate b hash:ip family inet\nadd b 203.0.113.9\n";
      const rules =
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -j SET --add-set a src\n-A FORWARD -m set --match-set a src -j DROP\n-A FORWARD -m set --match-set b src -j REJECT\nCOMMIT\n";
      const parsed = iptables.parse(
        [
          { path: "sets", text: sets },
          { path: "rules.v4", text: rules },
        ],
        {},
      );
      const { packet } = probeOf(`${smbPacket} = x`);
      expect(fateOf(parsed, "forward", packet)).to.equal("rejected");
      expect(fateOf(parsed, "forward", { ...packet, conditions: new Set(["src in set a"]) })).to.equal("dropped");
    });

    it("knows that legacy tables may drop what the text accepts, where iptables-save warns of them", () => {
      const rules =
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -p tcp -m tcp --dport 445 -j DROP\nCOMMIT\n";
      const parsed = read(`${rules}# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n`);
      const { packet } = probeOf(`${smbPacket} = x`);
      expect(fateOf(parsed, "forward", packet)).to.equal("dropped");
      expect(fateOf(parsed, "forward", { ...packet, destinationPort: 80 })).to.equal("unknown");
      expect(parsed.diagnostics.map((one) => one.code)).to.include("RW6005");
    });

    it("knows that a table is unknown that iptables-save could not print", () => {
      const parsed = read("# Generated by iptables-save v1.8.9\n# Table `filter' is incompatible, use 'nft' tool.\n");
      expect(fateOf(parsed, "forward", probeOf(`${smbPacket} = x`).packet)).to.equal("unknown");
    });

    it("notes that addresses are translated", () => {
      const parsed = read(
        "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 445 -j DNAT --to-destination 10.0.0.5\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\nCOMMIT\n",
      );
      expect(parsed.diagnostics.map((one) => one.code)).to.include("RW6007");
    });

    it("reads the family from what a text says before its name", () => {
      const ipv6 = read(
        "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 2001:db8::/32 -j ACCEPT\nCOMMIT\n",
        "iptables.save",
      );
      const { packet } = probeOf("forward eth0 eth1 tcp 2001:db8::9 > 2001:db9::1:445 new = x");
      expect(fateOf(ipv6, "forward", packet)).to.equal("accepted");
    });
  });

  describe("scripts", () => {
    const scripts: readonly (readonly [text: string, fate: string])[] = [
      ["iptables -P FORWARD ACCEPT\niptables -A FORWARD -p tcp --dport 445 -j DROP", "dropped"],
      ["P=445\niptables -A FORWARD -p tcp --dport $P -j DROP", "dropped"],
      ["X=\niptables -A FORWARD $X -p tcp -j DROP", "dropped"],
      ["OPTS='-p tcp --dport 445'\niptables -A FORWARD $OPTS -j DROP", "dropped"],
      ["iptables -P FORWARD ACCEPT\niptables -A FORWARD -p tcp --dport $PORT -j DROP", "accepted"],
      ["iptables -P FORWARD ACCEPT\niptables -A FORWARD -p tcp -j $VERDICT", "unknown"],
      ["iptables -C FORWARD -j DROP || iptables -A FORWARD -j DROP", "dropped"],
      [
        "iptables -P FORWARD ACCEPT; iptables -C FORWARD -j DROP 2>/dev/null && iptables -A FORWARD -j DROP",
        "accepted",
      ],
      ['A=1\nif [ "$A" = 1 ]; then iptables -A FORWARD -j DROP; else iptables -A FORWARD -j ACCEPT; fi', "dropped"],
      ["iptables -P FORWARD ACCEPT\nif grep -q x /etc/y; then\n iptables -A FORWARD -j DROP\nfi", "accepted"],
      ["iptables -A FORWARD -j DROP\nif grep -q x /etc/y; then\n iptables -F FORWARD\nfi", "dropped"],
      ["iptables -P FORWARD ACCEPT\nwhile read ip; do iptables -A FORWARD -s $ip -j DROP; done < list", "accepted"],
      ["iptables -P FORWARD ACCEPT\niptables-restore < /etc/rules", "unknown"],
      ["iptables -P FORWARD ACCEPT\nnft -f /etc/nftables.conf", "unknown"],
      ["for p in 137 138 139 445; do\n  iptables -A FORWARD -p tcp --dport $p -j DROP\ndone", "dropped"],
      ['f() { iptables -A FORWARD -p tcp --dport "$1" -j "$2"; }\nf 445 DROP', "dropped"],
      ["exit 0\niptables -A FORWARD -j DROP", "unknown"],
    ];
    for (const [text, fate] of scripts) {
      it(text.replace(/\n/g, " / "), () => {
        const parsed = read(`#!/bin/sh\n${text}\n`, "fw.sh");
        if (text.startsWith("exit")) expect(parsed.diagnostics.map((one) => one.code)).to.include("RW6006");
        expect(fateOf(parsed, "forward", probeOf(`${smbPacket} = x`).packet)).to.equal(fate);
      });
    }
  });

  describe("any text", () => {
    const texts = readdirSync(fixtures)
      .filter((name) => existsSync(join(fixtures, name, "packets.txt")))
      .flatMap(sourcesOf);

    it("is read without an exception when it is cut off", () => {
      fc.assert(
        fc.property(fc.constantFrom(...texts), fc.double({ min: 0, max: 1, noNaN: true }), (source, part) => {
          iptables.parse([{ ...source, text: source.text.slice(0, Math.floor(source.text.length * part)) }], {});
        }),
        { numRuns: 150 },
      );
    });

    it("is read without an exception when pieces are exchanged, doubled, or made of other signs", () => {
      const signs = fc.constantFrom(
        "!",
        "-",
        '"',
        "'",
        "`",
        "$(",
        "${",
        "\\",
        "\n",
        " ",
        ";",
        "&&",
        "((",
        "-j",
        "-m set --match-set",
        "/99",
        "\u0000",
        "é",
        "*filter\n",
        "COMMIT\n",
        ":A - [0:0]\n",
        "<<EOF\n",
        "for x in ",
        "done",
        "case $1 in\n",
        "esac",
        "if ",
        "fi",
        "{",
        "}",
        ")",
      );
      fc.assert(
        fc.property(
          fc.constantFrom(...texts),
          fc.array(fc.tuple(fc.nat(), fc.nat(40), signs), { minLength: 1, maxLength: 8 }),
          (source, changes) => {
            let { text } = source;
            for (const [at, length, sign] of changes) {
              const start = at % (text.length + 1);
              text = text.slice(0, start) + sign + text.slice(start + length);
            }
            iptables.parse([{ ...source, text }], {});
          },
        ),
        { numRuns: 400 },
      );
    });

    it("is read without an exception when it is nothing of the kind", () => {
      fc.assert(
        fc.property(
          fc.string({ maxLength: 300, unit: "grapheme" }),
          fc.constantFrom("*filter\n", "#!/bin/sh\niptables ", "create ", ""),
          (text, head) => {
            iptables.parse([{ path: "x", text: head + text }], {});
          },
        ),
        { numRuns: 300 },
      );
    });

    it("is read in a time that grows with its length, however it nests and repeats", () => {
      const many = 20_000;
      for (const text of [
        `#!/bin/sh\n${"(".repeat(many)}iptables -A FORWARD`,
        `#!/bin/sh\n${"if true; then ".repeat(many)}iptables -F`,
        `#!/bin/sh\niptables -A FORWARD ${"$( ".repeat(many)}`,
        `#!/bin/sh\niptables ${'"'.repeat(many)}`,
        `#!/bin/sh\niptables ${"${A".repeat(many)}`,
        `#!/bin/sh\n${"for a in 1 2 3 4 5 6 7 8 9; do ".repeat(9)}iptables -A FORWARD -j DROP;${" done;".repeat(9)}`,
        `#!/bin/sh\nf() { iptables -L; f; f; }\nf\n`,
        `#!/bin/sh\n${"a() ".repeat(many)}iptables -F`,
        `#!/bin/sh\n${"! ".repeat(many)}iptables -F`,
        `#!/bin/sh\niptables \u00a0\f\v -F ${"\f".repeat(many)}`,
        `#!/bin/sh\nA=x\n${'A="$A $A"\n'.repeat(60)}iptables -A FORWARD -s $A -j DROP\n`,
        `*filter\n${"-A FORWARD ! ".repeat(many)}\nCOMMIT\n`,
        `*filter\n${Array.from({ length: many }, (_, i) => `-A C${i} -j C${i + 1}`).join("\n")}\nCOMMIT\n`,
      ]) {
        iptables.parse([{ path: "x", text }], {});
      }
    }).timeout(10_000);
  });

  describeShared("the corpus", (folder) => {
    it("is read with no unread piece", () => {
      const files = readdirSync(join(folder, "corpus/iptables"));
      expect(files.length).to.be.greaterThan(15);
      for (const file of files) {
        const source = { path: file, text: readFileSync(join(folder, "corpus/iptables", file), "utf8") };
        expect(iptables.detect(source), file).to.equal(1);
        const codes = iptables.parse([source], {}).diagnostics.map((one) => one.code);
        const other = codes.filter((code) => !["RW6002", "RW6006", "RW6007"].includes(code));
        expect(other, file).to.deep.equal([]);
      }
    });
  });
});
