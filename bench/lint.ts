/**
 * How long `ringwall lint` takes for a repository of many configurations, as a ratio to reading and hashing its files.
 *
 *     npx tsx bench/lint.ts [configurations]
 *
 * Writes that many configurations (1,000 by default) of all vendors in turn, of 100 to 5,000 rules each, mostly short
 * ones as repositories have them, and one of iptables with 6,000 lines in many user chains. Runs a build of this checkout
 * as a process of its own: without anything remembered, then with what the first run remembered. All in one run, because
 * machines differ.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, root } from "../src/build/bundle.js";
import { formatIpv4, netmask4 } from "../src/net/index.js";
import { generator } from "./random.js";

interface Rule {
  readonly permit: boolean;
  readonly protocol: "tcp" | "udp";
  readonly from: number;
  readonly fromLength: number;
  readonly to: number;
  readonly toLength: number;
  readonly port: number;
}

const random = generator(20261123);
const pick = <T>(of: readonly T[]): T => of[random(of.length)]!;
const ports = [
  22, 25, 53, 80, 123, 161, 389, 443, 465, 514, 587, 636, 853, 993, 1433, 1521, 3128, 3306, 3389, 5432, 8080, 8443,
];

/** Clients of a site to servers on the Internet and the other way round, with a denial now and then. */
function rules(count: number): Rule[] {
  return Array.from({ length: count }, () => {
    const inner = 10 * 2 ** 24 + random(200) * 2 ** 16 + random(256) * 2 ** 8;
    const outer = (20 + random(180)) * 2 ** 24 + random(2 ** 16) * 2 ** 8 + random(256);
    return {
      permit: random(10) > 0,
      protocol: random(5) === 0 ? "udp" : "tcp",
      from: inner,
      fromLength: 24,
      to: outer,
      toLength: 32,
      port: pick(ports),
    };
  });
}

const cidr = (address: number, length: number): string => `${formatIpv4(address)}/${length}`;
const masked = (address: number, length: number): string =>
  length === 32 ? `host ${formatIpv4(address)}` : `${formatIpv4(address)} ${formatIpv4(netmask4(length))}`;

/** The text of each vendor; SMB is denied first, as in a configuration that somebody has looked at. */
const texts: readonly { readonly name: string; readonly text: (of: readonly Rule[]) => string }[] = [
  {
    name: "rules.v4",
    text: (of) =>
      [
        "*filter",
        ":INPUT DROP [0:0]",
        ":FORWARD DROP [0:0]",
        ":OUTPUT DROP [0:0]",
        "-A FORWARD -p tcp -m multiport --dports 139,445 -j DROP",
        "-A FORWARD -p udp --dport 137:138 -j DROP",
        ...of.map(
          (one) =>
            `-A FORWARD -s ${cidr(one.from, one.fromLength)} -d ${cidr(one.to, one.toLength)} -p ${one.protocol} -m ${one.protocol} --dport ${one.port} -j ${one.permit ? "ACCEPT" : "DROP"}`,
        ),
        "COMMIT\n",
      ].join("\n"),
  },
  {
    name: "edge.nft",
    text: (of) =>
      [
        "table inet filter {",
        "\tchain forward {",
        "\t\ttype filter hook forward priority filter; policy drop;",
        "\t\ttcp dport { 139, 445 } drop",
        "\t\tudp dport 137-138 drop",
        ...of.map(
          (one) =>
            `\t\tip saddr ${cidr(one.from, one.fromLength)} ip daddr ${cidr(one.to, one.toLength)} ${one.protocol} dport ${one.port} ${one.permit ? "accept" : "drop"}`,
        ),
        "\t}",
        "\tchain input { type filter hook input priority filter; policy drop; }",
        "\tchain output { type filter hook output priority filter; policy drop; }",
        "}\n",
      ].join("\n"),
  },
  {
    name: "asa.cfg",
    text: (of) =>
      [
        "ASA Version 9.16(4)",
        "interface GigabitEthernet0/0",
        " nameif outside",
        " security-level 0",
        " ip address 192.0.2.1 255.255.255.0",
        "interface GigabitEthernet0/1",
        " nameif inside",
        " security-level 100",
        " ip address 10.0.0.1 255.255.255.0",
        "access-list IN extended deny tcp any any eq 445",
        "access-list IN extended deny tcp any any eq 139",
        "access-list IN extended deny udp any any range 137 138",
        ...of.map(
          (one) =>
            `access-list IN extended ${one.permit ? "permit" : "deny"} ${one.protocol} ${masked(one.from, one.fromLength)} ${masked(one.to, one.toLength)} eq ${one.port}`,
        ),
        "access-list OUT extended deny ip any any",
        "access-group IN in interface inside",
        "access-group OUT in interface outside\n",
      ].join("\n"),
  },
  {
    name: "config.xml",
    text: (of) =>
      [
        '<?xml version="1.0"?>',
        "<pfsense><version>22.9</version>",
        "<interfaces><wan><enable/><if>em0</if><ipaddr>dhcp</ipaddr></wan><lan><enable/><if>em1</if><ipaddr>10.0.0.1</ipaddr><subnet>24</subnet></lan></interfaces>",
        "<filter>",
        ...[445, 139, 138, 137].map(
          (port) =>
            `<rule><type>block</type><interface>lan</interface><ipprotocol>inet46</ipprotocol><protocol>tcp/udp</protocol><source><any/></source><destination><any/><port>${port}</port></destination></rule>`,
        ),
        ...of.map(
          (one) =>
            `<rule><type>${one.permit ? "pass" : "block"}</type><interface>lan</interface><ipprotocol>inet</ipprotocol><protocol>${one.protocol}</protocol>` +
            `<source><address>${cidr(one.from, one.fromLength)}</address></source><destination><address>${cidr(one.to, one.toLength)}</address><port>${one.port}</port></destination></rule>`,
        ),
        "</filter>",
        "</pfsense>\n",
      ].join("\n"),
  },
  {
    name: "firewall.cmd",
    text: (of) =>
      [
        "netsh advfirewall set allprofiles state on",
        "netsh advfirewall set allprofiles firewallpolicy blockinbound,allowoutbound",
        'netsh advfirewall firewall add rule name="no smb out" dir=out action=block protocol=TCP remoteport=139,445',
        'netsh advfirewall firewall add rule name="no netbios out" dir=out action=block protocol=UDP remoteport=137-138',
        ...of.map(
          (one, index) =>
            `netsh advfirewall firewall add rule name="rule ${index}" dir=in action=${one.permit ? "allow" : "block"} protocol=${one.protocol} localport=${one.port} remoteip=${cidr(one.from, one.fromLength)}`,
        ),
        "",
      ].join("\r\n"),
  },
];

/** From 100 to 5,000, as many between 100 and 700 as between 700 and 5,000. */
function size(): number {
  return Math.round(100 * 50 ** (random(10_000) / 10_000));
}

function userChains(lines: number): string {
  const chains = Array.from({ length: 150 }, (_, index) => `ZONE-${index}`);
  const each = Math.floor((lines - 2 * chains.length - 8) / chains.length);
  return [
    "*filter",
    ":INPUT DROP [0:0]",
    ":FORWARD DROP [0:0]",
    ":OUTPUT DROP [0:0]",
    ...chains.map((name) => `:${name} - [0:0]`),
    "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    ...chains.map((name, index) => `-A FORWARD -s 10.${index}.0.0/16 -j ${name}`),
    ...chains.flatMap((name) =>
      rules(each).map(
        (one) =>
          `-A ${name} -d ${cidr(one.to, one.toLength)} -p ${one.protocol} --dport ${one.port} -j ${one.permit ? "ACCEPT" : "DROP"}`,
      ),
    ),
    "COMMIT\n",
  ].join("\n");
}

interface Time {
  readonly wall: number;
  /** Of all threads: it tells the same on a busy machine. */
  readonly cpu: number;
}

/** Runs Node and takes its time. */
function timed(words: readonly string[], cwd: string): Time {
  const tell = `process.on("exit", () => { const { user, system } = process.cpuUsage(); process.stderr.write("\\ncpu " + (user + system)); })`;
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, ["--import", `data:text/javascript,${tell}`, ...words], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  const cpu = Number(/cpu (\d+)$/.exec(stderr)?.[1]) / 1e6;
  if ((status !== 0 && status !== 1) || Number.isNaN(cpu)) throw new Error(`exit ${status}: ${stderr}`);
  return { wall, cpu };
}

const count = Number(process.argv[2] ?? 1000);
const folder = mkdtempSync(join(tmpdir(), "ringwall-bench-"));
try {
  const program = join(folder, "program");
  mkdirSync(program);
  await bundle(join(program, "dist"));
  cpSync(join(root, "package.json"), join(program, "package.json"));
  const cli = join(program, "dist/src/cli.js");

  const repository = join(folder, "repository");
  let lines = 0;
  for (let index = 0; index < count; index++) {
    const { name, text } = texts[index % texts.length]!;
    const place = join(repository, `site-${String(index).padStart(4, "0")}`);
    mkdirSync(place, { recursive: true });
    const amount = size();
    lines += amount;
    writeFileSync(join(place, name), text(rules(amount)));
  }
  const chains = join(folder, "chains.v4");
  writeFileSync(chains, userChains(6_000));

  const bytes = readdirSync(repository, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  console.log(
    `${count} configurations, ${lines} rules, ${(bytes / 1e6).toFixed(0)} MB, ${availableParallelism()} processors`,
  );

  const hash = `
    const { readdirSync, readFileSync } = require("node:fs");
    const { createHash } = require("node:crypto");
    for (const entry of readdirSync(${JSON.stringify(repository)}, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) createHash("sha256").update(readFileSync(entry.parentPath + "/" + entry.name)).digest("hex");`;
  const floors = [1, 2, 3].map(() => timed(["-e", hash], folder));
  const least = (of: keyof Time): number => Math.min(...floors.map((one) => one[of]));
  const floor: Time = { wall: least("wall"), cpu: least("cpu") };
  console.log(`reading and hashing: ${floor.wall.toFixed(2)} s, ${floor.cpu.toFixed(2)} s of processors`);

  const lint = (what: string, ...words: readonly string[]): void => {
    const cache = join(folder, "cache");
    const { wall, cpu } = timed([cli, "lint", "--format", "json=report.json", "--cache-dir", cache, ...words], folder);
    const ratio = `${(wall / floor.wall).toFixed(1)} x, ${(cpu / floor.cpu).toFixed(1)} x of processors`;
    console.log(`${what}: ${wall.toFixed(2)} s, ${cpu.toFixed(2)} s of processors; ${ratio}`);
  };
  lint("one thread, nothing remembered", repository, "--no-cache", "--jobs", "1");
  lint("first run", repository);
  lint("second run", repository);
  lint("one file of 6,000 lines in 150 chains", chains, "--no-cache", "--family", "4");
} finally {
  rmSync(folder, { recursive: true });
}
