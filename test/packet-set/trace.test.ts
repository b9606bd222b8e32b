import { expect } from "chai";
import type { Chain, Filter, Packet, Path, Rule } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import { PacketSpace, decideFilter, effectsOf, trace } from "../../src/packet-set/index.js";

const packet: Packet = {
  family: "ipv4",
  state: "new",
  protocol: 6,
  sourcePort: 50000,
  destinationPort: 445,
  icmpType: 0,
  icmpCode: 0,
  tcpFlags: 2,
  source: 1,
  destination: 2,
  sourceMac: 0,
  conditions: new Set(),
};

const rule = (label: string, verdict: Rule["verdict"], match: ir.Match = ir.everyPacket, quick?: boolean): Rule => ({
  match,
  verdict,
  origin: { label },
  ...(quick !== undefined && { quick }),
});
const jump = (chain: string): Rule["verdict"] => ({ kind: "jump", chain });
const goto = (chain: string): Rule["verdict"] => ({ kind: "goto", chain });
const chain = (name: string, end: Chain["end"], ...rules: Rule[]): Chain => ({
  name,
  order: "first-match",
  end,
  rules,
});
const filter = (...chains: Chain[]): Filter => ({
  name: chains[0]!.name,
  chains: new Map(chains.map((one) => [one.name, one])),
  entry: chains[0]!.name,
});
const path = (...filters: Filter[]): Path => ({ hook: "forward", filters });

/** The fate, the labels of the steps (a chain's end in brackets), and what decided. */
function way(...filters: Filter[]): string {
  const { fate, steps, decidedBy } = trace(path(...filters), packet);
  const label = (step: (typeof steps)[number] | undefined): string =>
    step === undefined ? "nothing" : (step.rule?.origin.label ?? `[${step.chain.name}]`);
  return `${steps.map(label).join(" ")}: ${fate} by ${label(decidedBy)}`;
}

describe("the way of a packet", () => {
  it("ends at the first rule that decides", () => {
    expect(
      way(filter(chain("main", "accept", rule("log", "continue"), rule("a", "drop"), rule("b", "accept")))),
    ).to.equal("log a: dropped by a");
    expect(way(filter(chain("main", "accept", rule("udp", "drop", ir.ofProtocol(17)))))).to.equal(
      "[main]: accepted by [main]",
    );
    expect(way(filter(chain("main", "reject")))).to.equal("[main]: rejected by [main]");
    expect(way(filter(chain("main", "continue")))).to.equal("[main]: undecided by [main]");
  });

  it("comes back from a chain, at its end and at a return, and not from a goto", () => {
    const side = chain("side", "return", rule("s", "continue"), rule("back", "return"), rule("never", "drop"));
    expect(way(filter(chain("main", "accept", rule("j", jump("side")), rule("next", "drop")), side))).to.equal(
      "j s back next: dropped by next",
    );
    const plain = chain("side", "return", rule("s", "continue"));
    expect(way(filter(chain("main", "accept", rule("j", jump("side")), rule("next", "drop")), plain))).to.equal(
      "j s next: dropped by next",
    );
    expect(way(filter(chain("main", "accept", rule("g", goto("side")), rule("next", "drop")), plain))).to.equal(
      "g s [main]: accepted by [main]",
    );
    expect(
      way(
        filter(
          chain("main", "accept", rule("j", jump("middle")), rule("next", "drop")),
          chain("middle", "return", rule("g", goto("side")), rule("skipped", "reject")),
          plain,
        ),
      ),
    ).to.equal("j g s next: dropped by next");
    expect(way(filter(chain("main", "drop", rule("r", "return"), rule("never", "accept"))))).to.equal(
      "r [main]: dropped by [main]",
    );
  });

  it("may enter a chain twice, one time after the other", () => {
    const side = chain("side", "return", rule("s", "continue"));
    expect(way(filter(chain("main", "accept", rule("j", jump("side")), rule("k", jump("side"))), side))).to.equal(
      "j s k s [main]: accepted by [main]",
    );
  });

  it("is lost in a circle, and where a chain is missing", () => {
    expect(
      way(filter(chain("main", "accept", rule("j", jump("side"))), chain("side", "return", rule("k", jump("main"))))),
    ).to.equal("j k: unknown by nothing".replace("nothing", "k"));
    expect(way(filter(chain("main", "accept", rule("j", jump("nowhere")))))).to.equal("j: unknown by j");
    expect(trace(path({ name: "empty", chains: new Map(), entry: "main" }), packet).fate).to.equal("unknown");
  });

  it("goes through every filter, and says which one decided", () => {
    const accepts = filter(chain("first", "accept"));
    const leaves = filter(chain("leaves", "continue"));
    const drops = filter(chain("drops", "drop"));
    const unread = filter(chain("unread", "unknown"));
    expect(way(accepts, filter(chain("second", "accept")))).to.equal("[first] [second]: accepted by [second]");
    expect(way(leaves, accepts)).to.equal("[leaves] [first]: undecided by [leaves]");
    expect(way(accepts, leaves, filter(chain("last", "continue")))).to.equal(
      "[first] [leaves] [last]: undecided by [leaves]",
    );
    expect(way(leaves, unread, accepts)).to.equal("[leaves] [unread] [first]: unknown by [unread]");
    expect(way(unread, filter(chain("other", "unknown")))).to.equal("[unread] [other]: unknown by [unread]");
    expect(way(unread, drops, accepts)).to.equal("[unread] [drops]: dropped by [drops]");
    expect(trace(path(), packet)).to.deep.equal({ fate: "accepted", steps: [] });
  });

  it("lets the last match decide in such a chain, or the first quick one", () => {
    const last = (...rules: Rule[]): Filter => filter({ name: "pf", order: "last-match", end: "accept", rules });
    expect(way(last(rule("a", "drop"), rule("b", "accept"), rule("udp", "drop", ir.ofProtocol(17))))).to.equal(
      "a b: accepted by b",
    );
    expect(way(last(rule("a", "drop"), rule("m", "continue")))).to.equal("a m a: dropped by a");
    expect(way(last(rule("a", "drop", ir.everyPacket, true), rule("b", "accept")))).to.equal("a: dropped by a");
    expect(way(last(rule("a", "drop", ir.everyPacket, false), rule("b", "accept")))).to.equal("a b: accepted by b");
    expect(way(last())).to.equal("[pf]: accepted by [pf]");
    expect(way(last(rule("a", jump("x"))))).to.equal("a: unknown by a");
  });
});

describe("the effect of rules", () => {
  const space = new PacketSpace({ interfaces: [] });
  const port = (n: number): ir.Match => ir.all(ir.ofProtocol(6), ir.numberIn("destination-port", [n, n]));
  const effects = (of: Filter): Record<string, number[]> => {
    const found = effectsOf(space, decideFilter(space, of));
    return Object.fromEntries([...found].map(([name, { rules }]) => [name, [...rules]]));
  };

  it("is what they meet and match, over all calls of their chain", () => {
    const side = chain(
      "side",
      "return",
      rule("a", "drop", port(80)),
      rule("b", "continue"),
      rule("c", "accept", port(443)),
    );
    const both = filter(
      chain(
        "main",
        "accept",
        rule("j", jump("side"), port(80)),
        rule("k", goto("side"), port(443)),
        rule("rest", "drop"),
      ),
      side,
    );
    expect(effects(both)).to.deep.equal({
      main: [space.compile(port(80)), space.compile(port(443)), space.compile(ir.not(ir.any(port(80), port(443))))],
      side: [space.compile(port(80)), space.compile(port(443)), space.compile(port(443))],
    });
  });

  it("is nothing behind a rule that takes all, and in chains that nobody enters", () => {
    const shadowed = filter(
      chain("main", "accept", rule("all", "drop"), rule("never", "accept"), rule("call", jump("side"))),
      chain("side", "return", rule("s", "drop")),
    );
    expect(effects(shadowed)).to.deep.equal({ main: [space.all, space.none, space.none], side: [space.none] });
  });

  it("knows that packets which come back from a jump meet the next rule", () => {
    const back = filter(
      chain("main", "accept", rule("j", jump("side"), port(80)), rule("next", "drop", port(80))),
      chain("side", "return", rule("r", "return")),
    );
    expect(effects(back).main).to.deep.equal([space.compile(port(80)), space.compile(port(80))]);
    const gone = filter(
      chain("main", "accept", rule("g", goto("side"), port(80)), rule("next", "drop", port(80))),
      chain("side", "return", rule("r", "return")),
    );
    expect(effects(gone).main).to.deep.equal([space.compile(port(80)), space.none]);
  });
});
