import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ipPackets, untrackedHops } from "./wire.js";
import type { WirePacket } from "./wire.js";

export { untrackedHops, wirePacketOf } from "./wire.js";
export type { WirePacket } from "./wire.js";

/**
 * A laboratory in network namespaces: a firewall between an inside and an outside end, for IPv4 and IPv6.
 *
 * Nothing leads out of the three namespaces. Every unicast address can be source or destination: the firewall routes by
 * the packet's type of service, which {@link Laboratory.send} sets, and otherwise from the inside to the first outside
 * interface and back.
 *
 *     using laboratory = openLaboratory();
 *     laboratory.run("firewall", ["nft", "-f", "-"], text);
 *     const [verdict] = await laboratory.send([{ from: "wan0", via: "lan0", source: "203.0.113.1",
 *                                                destination: "192.0.2.1", destinationPort: 445 }]);
 */
export interface Laboratory {
  readonly interfaces: readonly LaboratoryInterface[];
  /** Runs a program in a namespace and returns its standard output. Throws with its standard error when it fails. */
  run(place: Place, command: readonly string[], input?: string): string;
  /** As {@link run}, for a program that may fail. */
  attempt(place: Place, command: readonly string[], input?: string): Outcome;
  /** As {@link attempt}, while the test goes on. */
  start(place: Place, command: readonly string[], input?: string): Promise<Outcome>;
  /** Sends the packets in order and says what became of each. */
  send(packets: readonly WirePacket[], options?: SendOptions): Promise<Fate[]>;
  /** Opens a real connection between two ends; its addresses belong to those ends while it is open. */
  open(flow: FlowOptions): Promise<Flow>;
  close(): void;
  [Symbol.dispose](): void;
}

export type Place = "inside" | "firewall" | "outside";

export interface LaboratoryInterface {
  /** The name that the firewall's rules use. */
  readonly name: string;
  readonly side: "inside" | "outside";
}

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * `passed` when it came out where it was sent (or anywhere), `rejected` when the sender was told (ICMP error, TCP
 * reset), `dropped` otherwise. Packets that the firewall itself sends are never `rejected`.
 */
export type Fate = "passed" | "dropped" | "rejected";

export interface SendOptions {
  /** Seconds of rest after each packet, for traffic that shall go on while something else happens. */
  readonly pause?: number;
}

export interface FlowOptions {
  readonly from: Place;
  readonly to: Place;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly protocol?: "tcp" | "udp";
  /** Seconds until an answer counts as missing. */
  readonly timeout?: number;
}

export interface Flow {
  /** UDP is always open. */
  readonly state: "open" | "refused" | "timeout";
  /** A word there and back. */
  exchange(): Promise<"answered" | "garbled" | "refused" | "timeout">;
  close(): Promise<void>;
}

/**
 * A mocha suite that needs root, namespaces and the named programs. Where they are missing its tests are skipped with
 * one line, but fail when CI=true: there a kernel test may not be left out.
 */
export function describeKernel(title: string, programs: readonly string[], body: (this: Mocha.Suite) => void): void {
  const missing = whatIsMissing([...programs, "ip", "python3"]);
  if (missing === undefined) {
    describe(title, function () {
      this.timeout(120_000);
      body.call(this);
    });
  } else if (process.env["CI"] === "true") {
    describe(title, () => {
      it("can use the kernel", () => {
        throw new Error(`kernel tests may not be skipped in CI, but ${missing}`);
      });
    });
  } else {
    describe(title, () => {
      it.skip(`needs the kernel: ${missing}`);
    });
  }
}

/** Why kernel tests cannot run here; undefined when they can. */
export function whatIsMissing(programs: readonly string[]): string | undefined {
  if (process.platform !== "linux") return "this is not Linux";
  if (process.getuid?.() !== 0) return "this is not root";
  for (const program of programs) {
    const found = spawnSync("sh", ["-c", `PATH="$PATH:/usr/sbin:/sbin"; command -v "$1"`, "sh", program]);
    if (found.status !== 0) return `${program} is not installed`;
  }
  const probe = `rwprobe${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", probe], { encoding: "utf8" });
  if (made.status !== 0) return `no network namespace can be made (${(made.stderr ?? "").trim()})`;
  spawnSync("ip", ["netns", "delete", probe]);
  return undefined;
}

const helperFile = fileURLToPath(new URL("laboratory.py", import.meta.url));
// A version manager's shim in front of the interpreter costs more than the helper itself.
const python = spawnSync("/usr/bin/python3", ["--version"]).status === 0 ? "/usr/bin/python3" : "python3";
let laboratories = 0;

/** Builds the namespaces. Close it (or declare it with `using`), else they stay behind. */
export function openLaboratory(
  interfaces: readonly LaboratoryInterface[] = [
    { name: "lan0", side: "inside" },
    { name: "wan0", side: "outside" },
  ],
): Laboratory {
  const tag = `rw${process.pid}x${laboratories++}`;
  const namespaces: Record<Place, string> = { inside: `${tag}in`, firewall: `${tag}fw`, outside: `${tag}out` };
  const links = interfaces.map((one, i) => ({
    ...one,
    namespace: namespaces[one.side],
    device: `e${i}`,
    firewallMac: `02:00:00:00:${hex(i)}:01`,
    endMac: `02:00:00:00:${hex(i)}:02`,
    routeCode: (i + 1) * 4,
    table: 101 + i,
    ipv4: `10.255.${i}`,
    ipv6: `fd00:255:${i}:`,
  }));
  if (links.length > 6) throw new Error("the type of service has room for six interfaces");
  let open = true;
  let helper: Helper | undefined;

  const attempt = (place: Place, command: readonly string[], input = ""): Outcome => {
    const done = spawnSync("ip", ["netns", "exec", namespaces[place], ...command], {
      input,
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    return { status: done.status ?? -1, stdout: done.stdout ?? "", stderr: done.stderr ?? String(done.error) };
  };
  const run = (place: Place, command: readonly string[], input = ""): string => {
    const done = attempt(place, command, input);
    if (done.status !== 0) throw new Error(`${command.join(" ")} failed in ${place}: ${done.stderr}${done.stdout}`);
    return done.stdout;
  };
  const configure = (place: Place, commands: readonly string[]): void => {
    const isIpv6 = (line: string): boolean => line.startsWith("-6 ");
    run(place, ["ip", "-batch", "-"], commands.filter((line) => !isIpv6(line)).join("\n"));
    const ipv6 = commands.filter(isIpv6).map((line) => line.slice(3));
    run(place, ["ip", "-6", "-batch", "-"], ipv6.join("\n"));
  };
  const close = (): void => {
    if (!open) return;
    open = false;
    helper?.stop();
    for (const namespace of Object.values(namespaces)) spawnSync("ip", ["netns", "delete", namespace]);
  };

  try {
    for (const place of ["inside", "firewall", "outside"] as const) {
      const made = spawnSync("ip", ["netns", "add", namespaces[place]], { encoding: "utf8" });
      if (made.status !== 0) throw new Error(`ip netns add: ${made.stderr}`);
      run(place, ["sh", "-e"], sysctls(place === "firewall"));
    }
    for (const link of links) {
      run("firewall", ["ip", "link", "add", link.name, "type", "veth", "peer", link.device, "netns", link.namespace]);
    }
    const outside = links.find((link) => link.side === "outside") ?? links[0]!;
    const inside = links.find((link) => link.side === "inside") ?? links[0]!;
    for (const side of ["inside", "outside"] as const) {
      const ends = links.filter((link) => link.side === side);
      configure(
        side,
        ends.flatMap((link, i) => endCommands(link, i === 0)),
      );
    }
    configure("firewall", firewallCommands(links, inside, outside));
    // Asking for the state anywhere is what turns connection tracking, and with it defragmentation, on.
    run("firewall", ["nft", "-f", "-"], trackingTable);
    // The laboratory's sequence numbers carry the packets' numbers, so they are out of every window.
    run("firewall", ["sh", "-c", "echo 1 > /proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal"]);
  } catch (error) {
    close();
    throw error;
  }

  const send = async (packets: readonly WirePacket[], options: SendOptions = {}): Promise<Fate[]> => {
    if (packets.length === 0) return [];
    const job = {
      pause: options.pause ?? 0,
      protocols: [...new Set(packets.map((packet) => packet.protocol ?? 6))],
      packets: packets.map((packet, i) => {
        const link = links.find((one) => one.name === packet.via);
        if (link === undefined && packet.via !== "firewall") throw new Error(`no interface ${packet.via}`);
        const frames = ipPackets(packet, i + 1, link?.routeCode ?? localCode);
        return [i + 1, packet.from, packet.via, packet.mac ?? "", frames.map((frame) => frame.toString("base64"))];
      }),
    };
    helper ??= startHelper({ firewall: namespaces.firewall, links });
    const told = (await helper.ask(job)) as { arrived: Record<string, string[]>; answered: number[] };
    const answered = new Set(told.answered);
    return packets.map((_, i) =>
      told.arrived[i + 1] !== undefined ? "passed" : answered.has(i + 1) ? "rejected" : "dropped",
    );
  };

  const start = (place: Place, command: readonly string[], input = ""): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const child = spawn("ip", ["netns", "exec", namespaces[place], ...command], { stdio: ["pipe", "pipe", "pipe"] });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.on("error", reject);
      child.on("close", (status) => resolve({ status: status ?? -1, stdout, stderr }));
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
    });

  const openFlow = async (flow: FlowOptions): Promise<Flow> => {
    for (const [place, address] of [
      [flow.from, flow.source],
      [flow.to, flow.destination],
    ] as const) {
      const family = address.includes(":") ? "-6" : "-4";
      attempt(place, ["ip", family, "route", "add", "local", address, "dev", "lo"]);
    }
    const child = spawn(python, [helperFile, "flow"], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
    const job = {
      ...flow,
      from: namespaces[flow.from],
      to: namespaces[flow.to],
      protocol: flow.protocol ?? "tcp",
      timeout: flow.timeout ?? 0.6,
    };
    child.stdin.on("error", () => undefined);
    child.stdin.write(`${JSON.stringify(job)}\n`);
    const state = ((await lines.next()).value ?? "refused") as Flow["state"];
    return {
      state,
      async exchange() {
        child.stdin.write("\n");
        return ((await lines.next()).value ?? "refused") as "answered";
      },
      async close() {
        child.stdin.end();
        await ended;
        for (const [place, address] of [
          [flow.from, flow.source],
          [flow.to, flow.destination],
        ] as const) {
          const family = address.includes(":") ? "-6" : "-4";
          attempt(place, ["ip", family, "route", "delete", "local", address, "dev", "lo"]);
        }
      },
    };
  };

  return { interfaces, run, attempt, start, send, open: openFlow, close, [Symbol.dispose]: close };
}

interface Helper {
  /** Answers come in the order of the questions. */
  ask(job: object): Promise<unknown>;
  stop(): void;
}

/** One process for all batches of a laboratory: opening its sockets takes longer than sending a thousand packets. */
function startHelper(about: object): Helper {
  const child = spawn(python, [helperFile, "serve"], { stdio: ["pipe", "pipe", "pipe"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  child.stdin.on("error", () => undefined);
  child.stdin.write(`${JSON.stringify(about)}\n`);
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(job) {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      last = last.then(async () => {
        const line = await lines.next();
        if (line.done === true) throw new Error(`the packet helper failed: ${complaint}`);
        return JSON.parse(line.value) as unknown;
      });
      return last;
    },
    stop() {
      child.kill();
    },
  };
}

interface Link extends LaboratoryInterface {
  readonly device: string;
  readonly firewallMac: string;
  readonly endMac: string;
  readonly routeCode: number;
  readonly table: number;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** The type of service of packets for the firewall itself. Source: Linux RT_TOS has the bits 0x1c. */
const localCode = 0x1c;

function sysctls(forwards: boolean): string {
  const settings: [string, number][] = [
    ["ipv6/conf/all/disable_ipv6", 0],
    ["ipv6/conf/default/accept_dad", 0],
    ["ipv6/conf/all/accept_dad", 0],
    ["ipv6/conf/default/accept_ra", 0],
    ["ipv4/conf/all/rp_filter", 0],
    ["ipv4/conf/default/rp_filter", 0],
    ["ipv4/conf/all/accept_local", 1],
    ["ipv4/icmp_ratelimit", 0],
    ["ipv4/icmp_msgs_per_sec", 1000000],
    ["ipv4/icmp_msgs_burst", 1000000],
    ["ipv6/icmp/ratelimit", 0],
    ["ipv4/ip_forward", forwards ? 1 : 0],
    ["ipv6/conf/all/forwarding", forwards ? 1 : 0],
    ["ipv6/conf/default/forwarding", forwards ? 1 : 0],
    ["ipv4/conf/all/accept_source_route", 1],
    ["ipv4/ip_nonlocal_bind", 1],
    ["ipv6/ip_nonlocal_bind", 1],
  ];
  const lines = settings.map(
    ([name, value]) => `[ ! -e /proc/sys/net/${name} ] || echo ${value} > /proc/sys/net/${name}`,
  );
  return `ip link set lo up\n${lines.join("\n")}\n`;
}

function endCommands(link: Link, isFirst: boolean): string[] {
  const lines = [
    `link set ${link.device} address ${link.endMac}`,
    `link set ${link.device} up`,
    `addr add ${link.ipv4}.2/24 dev ${link.device}`,
    `addr add ${link.ipv6}:2/64 dev ${link.device} nodad`,
    `neigh replace ${link.ipv4}.1 lladdr ${link.firewallMac} dev ${link.device} nud permanent`,
    `neigh replace ${link.ipv6}:1 lladdr ${link.firewallMac} dev ${link.device} nud permanent`,
  ];
  if (!isFirst) return lines;
  return [
    ...lines,
    `route add default via ${link.ipv4}.1 dev ${link.device}`,
    `-6 route add default via ${link.ipv6}:1 dev ${link.device}`,
  ];
}

function firewallCommands(links: readonly Link[], inside: Link, outside: Link): string[] {
  const lines: string[] = [];
  for (const link of links) {
    lines.push(
      `link set ${link.name} address ${link.firewallMac}`,
      `link set ${link.name} up`,
      `addr add ${link.ipv4}.1/24 dev ${link.name}`,
      `addr add ${link.ipv6}:1/64 dev ${link.name} nodad`,
      `neigh replace ${link.ipv4}.2 lladdr ${link.endMac} dev ${link.name} nud permanent`,
      `neigh replace ${link.ipv6}:2 lladdr ${link.endMac} dev ${link.name} nud permanent`,
      `route add default via ${link.ipv4}.2 dev ${link.name} table ${link.table}`,
      `-6 route add default via ${link.ipv6}:2 dev ${link.name} table ${link.table}`,
    );
    for (const family of ["", "-6 "]) {
      const other = link.side === "inside" ? outside : inside;
      lines.push(
        `${family}rule add oif ${link.name} lookup ${link.table} priority 50`,
        `${family}rule add tos 0x${hex(link.routeCode)} lookup ${link.table} priority 100`,
        `${family}rule add iif ${link.name} lookup ${other.table} priority 200`,
      );
    }
  }
  lines.push(
    `rule add tos 0x${hex(localCode)} lookup 100 priority 100`,
    `-6 rule add tos 0x${hex(localCode)} lookup 100 priority 100`,
    `route add local 0.0.0.0/0 dev lo table 100`,
    `-6 route add local ::/0 dev lo table 100`,
    `route add default via ${outside.ipv4}.2 dev ${outside.name}`,
    `-6 route add default via ${outside.ipv6}:2 dev ${outside.name}`,
  );
  return lines;
}

/** Beside the rules under test: turns connection tracking on, and off for {@link untrackedHops}. */
const trackingTable = `
table inet laboratory {
  chain prerouting {
    type filter hook prerouting priority -300; policy accept;
    ip ttl ${untrackedHops} notrack
    ip6 hoplimit ${untrackedHops} notrack
  }
  chain output {
    type filter hook output priority -300; policy accept;
    ip ttl ${untrackedHops} notrack
    ip6 hoplimit ${untrackedHops} notrack
  }
  chain tracking {
    type filter hook prerouting priority -150; policy accept;
    ct state invalid counter
  }
  chain tracking-output {
    type filter hook output priority -150; policy accept;
    ct state invalid counter
  }
}
`;

function hex(n: number): string {
  return n.toString(16).padStart(2, "0");
}
