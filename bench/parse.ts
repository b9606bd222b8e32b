/**
 * How fast each vendor's text is read, and how fast what was read is decided.
 *
 *     npx tsx bench/parse.ts [entries]
 *
 * Each text is a linear list of that many entries (100,000 by default; a tenth of it for pfSense, whose rules are ten
 * times as long) with random prefixes and ports, the same in every run. Prints megabytes a second, seconds to decide all
 * packets of the forward hook, and the peak memory of the process so far.
 */
import type { Source } from "../src/diagnostics/index.js";
import { formatIpv4, netmask4 } from "../src/net/index.js";
import { PacketSpace, decidePath, interfacePatterns } from "../src/packet-set/index.js";
import { installedVendors } from "../src/registry.js";
import { generator, randomPrefix } from "./random.js";

const entries = Number(process.argv[2] ?? 100_000);

interface Entry {
  readonly deny: boolean;
  readonly protocol: "tcp" | "udp";
  readonly from: Prefix;
  readonly to: Prefix;
  readonly port: number;
}

interface Prefix {
  readonly address: number;
  readonly length: number;
}

function list(count: number): Entry[] {
  const random = generator(20261123);
  const prefix = (): Prefix => randomPrefix(random);
  return Array.from({ length: count }, () => ({
    deny: random(3) === 0,
    protocol: random(4) === 0 ? "udp" : "tcp",
    from: prefix(),
    to: prefix(),
    port: [22, 25, 53, 80, 139, 443, 445, 3389][random(8)]!,
  }));
}

const cidr = ({ address, length }: Prefix): string => `${formatIpv4(address)}/${length}`;
const masked = ({ address, length }: Prefix): string => `${formatIpv4(address)} ${formatIpv4(netmask4(length))}`;

const texts: Readonly<Record<string, (of: readonly Entry[]) => Source>> = {
  iptables: (of) => ({
    path: "rules.v4",
    text: [
      "*filter",
      ":INPUT ACCEPT [0:0]",
      ":FORWARD DROP [0:0]",
      ":OUTPUT ACCEPT [0:0]",
      ...of.map(
        (one) =>
          `-A FORWARD -s ${cidr(one.from)} -d ${cidr(one.to)} -p ${one.protocol} -m ${one.protocol} --dport ${one.port} -j ${one.deny ? "DROP" : "ACCEPT"}`,
      ),
      "COMMIT\n",
    ].join("\n"),
  }),
  nftables: (of) => ({
    path: "rules.nft",
    text: [
      "table inet filter {",
      "\tchain forward {",
      "\t\ttype filter hook forward priority filter; policy drop;",
      ...of.map(
        (one) =>
          `\t\tip saddr ${cidr(one.from)} ip daddr ${cidr(one.to)} ${one.protocol} dport ${one.port} ${one.deny ? "drop" : "accept"}`,
      ),
      "\t}",
      "}\n",
    ].join("\n"),
  }),
  "cisco-asa": (of) => ({
    path: "asa.cfg",
    text: [
      "ASA Version 9.16(4)",
      "interface GigabitEthernet0/0",
      " nameif outside",
      " security-level 0",
      " ip address 192.0.2.1 255.255.255.0",
      "interface GigabitEthernet0/1",
      " nameif inside",
      " security-level 100",
      " ip address 10.0.0.1 255.255.255.0",
      ...of.map(
        (one) =>
          `access-list IN extended ${one.deny ? "deny" : "permit"} ${one.protocol} ${masked(one.from)} ${masked(one.to)} eq ${one.port}`,
      ),
      "access-group IN in interface inside\n",
    ].join("\n"),
  }),
  pfsense: (of) => ({
    path: "config.xml",
    text: [
      '<?xml version="1.0"?>',
      "<pfsense><version>22.9</version>",
      "<interfaces><wan><enable/><if>em0</if><ipaddr>dhcp</ipaddr></wan><lan><enable/><if>em1</if><ipaddr>10.0.0.1</ipaddr><subnet>24</subnet></lan></interfaces>",
      "<filter>",
      ...of.map(
        (one) =>
          `<rule><type>${one.deny ? "block" : "pass"}</type><interface>lan</interface><ipprotocol>inet</ipprotocol><protocol>${one.protocol}</protocol>` +
          `<source><address>${cidr(one.from)}</address></source><destination><address>${cidr(one.to)}</address><port>${one.port}</port></destination></rule>`,
      ),
      "</filter>",
      "</pfsense>\n",
    ].join("\n"),
  }),
};

function seconds<T>(work: () => T): [T, number] {
  const start = process.hrtime.bigint();
  const result = work();
  return [result, Number(process.hrtime.bigint() - start) / 1e9];
}

for (const id of installedVendors().ids) {
  const write = texts[id];
  if (write === undefined) continue;
  const count = id === "pfsense" ? entries / 10 : entries;
  const source = write(list(count));
  const { vendor } = await installedVendors().load(id);
  const [{ device, diagnostics }, reading] = seconds(() => vendor.parse([source], {}));
  const unread = diagnostics.filter(({ code }) => code === "RW6001").length;
  const [space, deciding] = seconds(() => {
    const one = new PacketSpace({ interfaces: interfacePatterns(device) });
    decidePath(
      one,
      device.paths.find(({ hook }) => hook === "forward")!,
    );
    return one;
  });
  const megabytes = source.text.length / 1e6;
  console.log(
    `${id.padEnd(10)} ${count} entries, ${megabytes.toFixed(1)} MB: read ${reading.toFixed(2)} s (${(megabytes / reading).toFixed(1)} MB/s, ` +
      `${unread} unread), decide ${deciding.toFixed(2)} s, ${space.bdd.size} nodes, peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`,
  );
}
