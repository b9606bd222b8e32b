import type { Match } from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { AddressFilter, PortFilter, WindowsRule } from "./model.js";

/** Which ports each keyword may stand for at most, and in which protocol a rule has it; the host knows which they are. */
const portKeywords: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  // `netsh int ipv4 set dynamicport` takes no start below 1025.
  rpc: [[1025, 65535]],
  rpcepmap: [
    [135, 135],
    [593, 593],
  ],
  dhcp: [
    [67, 68],
    [546, 547],
  ],
  mdns: [[5353, 5353]],
};

/** A port of a rule. What a keyword means on a certain host is an open condition. */
export function portMatch(
  filter: PortFilter,
  field: "source-port" | "destination-port",
  end: "local" | "remote",
): Match {
  if (filter === "any") return kit.everyPacket;
  const ports = filter.ports.length === 0 ? [] : [{ kind: "number" as const, field, values: filter.ports }];
  const keywords = filter.keywords.map((keyword) => {
    const most = portKeywords[keyword.toLowerCase().replaceAll("-", "")];
    const condition = kit.condition(`${end} port is ${keyword}`);
    return most === undefined ? condition : kit.all(kit.numberIn(field, ...most), condition);
  });
  return kit.any(...ports, ...keywords);
}

/** An address of a rule. Keywords (LocalSubnet, DNS, Internet, …) depend on the host's networks. */
export function addressMatch(filter: AddressFilter, end: "source" | "destination", side: "local" | "remote"): Match {
  if (filter === "any") return kit.everyPacket;
  const { addresses } = filter;
  const set = kit.isNoAddress(addresses) ? [] : [{ kind: "address" as const, end, addresses }];
  return kit.any(...set, ...filter.keywords.map((keyword) => keywordMatch(keyword, side)));
}

/** `LocalSubnet4` is the part of `LocalSubnet` that is of one family, and so with the others. */
function keywordMatch(keyword: string, side: string): Match {
  const family = /(?<=[A-Za-z])([46])$/.exec(keyword)?.[1];
  const condition = kit.condition(`${side} address is ${family === undefined ? keyword : keyword.slice(0, -1)}`);
  return family === undefined ? condition : kit.all(kit.ofFamily(family === "4" ? "ipv4" : "ipv6"), condition);
}

export function icmpMatch({ protocol, icmp }: WindowsRule): Match {
  if (icmp === undefined || (protocol !== kit.protocols.icmp && protocol !== kit.protocols.icmpv6))
    return kit.everyPacket;
  const whole = icmp.filter((one) => one.code === undefined).map(({ type }) => [type, type] as const);
  const coded = icmp.filter((one) => one.code !== undefined);
  return kit.any(
    ...(whole.length > 0 ? [kit.numberIn("icmp-type", ...whole)] : []),
    ...coded.map(({ type, code }) =>
      kit.all(kit.numberIn("icmp-type", [type, type]), kit.numberIn("icmp-code", [code!, code!])),
    ),
  );
}
