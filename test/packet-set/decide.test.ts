import { expect } from "chai";
import fc from "fast-check";
import type { Chain, Filter, Path, Rule } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import type { Fate, Fates } from "../../src/packet-set/index.js";
import { PacketSpace, decideFilter, decidePath, effectsOf, fates, has, trace } from "../../src/packet-set/index.js";
import { arbitraryFilter, arbitraryPacket, packetText } from "../support/arbitrary-rules.js";
import { runs } from "../support/runs.js";

const interfaces = ["wan0", "ppp*", "ppp1", "lan*", "p*", "eth9", "lan0", "ppp7"];

function fatesOf(space: PacketSpace, decision: Fates, packet: ir.Packet): Fate[] {
  return fates.filter((fate) => has(space, decision[fate], packet));
}

const rule = (match: ir.Match, verdict: Rule["verdict"], more: Partial<Rule> = {}): Rule => ({
  match,
  verdict,
  origin: { label: "rule" },
  ...more,
});
const port = (n: number): ir.Match => ir.all(ir.ofProtocol(6), ir.numberIn("destination-port", [n, n]));
const chain = (name: string, end: Chain["end"], ...rules: Rule[]): Chain => ({
  name,
  order: "first-match",
  end,
  rules,
});
const filter = (...chains: Chain[]): Filter => ({
  name: "filter",
  chains: new Map(chains.map((one) => [one.name, one])),
  entry: chains[0]!.name,
});

describe("decide", () => {
  it("gives every packet the fate that a walk through the rules gives it", () => {
    fc.assert(
      fc.property(arbitraryFilter, fc.array(arbitraryPacket, { minLength: 10, maxLength: 30 }), (one, packets) => {
        const space = new PacketSpace({ interfaces });
        const decision = decideFilter(space, one);
        for (const packet of packets) {
          const walked = trace({ hook: "forward", filters: [one] }, packet).fate;
          expect(fatesOf(space, decision, packet), packetText(packet)).to.deep.equal([walked]);
        }
      }),
      runs(800),
    );
  });

  it("combines several filters as a packet meets them", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryFilter, { minLength: 2, maxLength: 3 }),
        fc.array(arbitraryPacket, { minLength: 10, maxLength: 20 }),
        (filters, packets) => {
          const space = new PacketSpace({ interfaces });
          const path: Path = { hook: "forward", filters };
          const decision = decidePath(space, path);
          for (const packet of packets) {
            expect(fatesOf(space, decision, packet), packetText(packet)).to.deep.equal([trace(path, packet).fate]);
          }
        },
      ),
      runs(300),
    );
  });

  it("splits all packets into fates without a common packet", () => {
    fc.assert(
      fc.property(arbitraryFilter, (one) => {
        const space = new PacketSpace({ interfaces });
        const decision = decideFilter(space, one);
        expect(fates.reduce((sum, fate) => space.or(sum, decision[fate]), space.none)).to.equal(space.all);
        for (const a of fates) {
          for (const b of fates) if (a < b) expect(space.and(decision[a], decision[b])).to.equal(space.none);
        }
      }),
      runs(300),
    );
  });

  it("comes back from a jump, and goes on behind it", () => {
    const space = new PacketSpace({ interfaces });
    const decision = decideFilter(
      space,
      filter(
        chain("main", "accept", rule(ir.everyPacket, { kind: "jump", chain: "side" }), rule(port(139), "drop")),
        chain("side", "return", rule(port(445), "drop"), rule(port(139), "return")),
      ),
    );
    expect(decision.dropped).to.equal(space.compile(ir.any(port(445), port(139))));
  });

  it("does not come back from a goto", () => {
    const space = new PacketSpace({ interfaces });
    const decision = decideFilter(
      space,
      filter(
        chain("main", "accept", rule(port(139), { kind: "goto", chain: "side" }), rule(ir.everyPacket, "drop")),
        chain("side", "return"),
      ),
    );
    expect(decision.accepted).to.equal(space.compile(port(139)));
  });

  it("claims nothing about packets that jump in a circle or to a missing chain", () => {
    const space = new PacketSpace({ interfaces });
    const circle = decideFilter(
      space,
      filter(
        chain("main", "accept", rule(port(445), { kind: "jump", chain: "side" })),
        chain("side", "return", rule(ir.everyPacket, { kind: "jump", chain: "main" })),
      ),
    );
    expect(circle.unknown).to.equal(space.compile(port(445)));
    const missing = decideFilter(
      space,
      filter(chain("main", "drop", rule(port(445), { kind: "jump", chain: "nowhere" }))),
    );
    expect(missing.unknown).to.equal(space.compile(port(445)));
    expect(missing.dropped).to.equal(space.compile(ir.not(port(445))));
  });

  it("lets a later drop settle what an earlier filter left unknown", () => {
    const space = new PacketSpace({ interfaces });
    const decision = decidePath(space, {
      hook: "forward",
      filters: [filter(chain("first", "unknown")), filter(chain("second", "accept", rule(port(445), "drop")))],
    });
    expect(decision.dropped).to.equal(space.compile(port(445)));
    expect(decision.unknown).to.equal(space.compile(ir.not(port(445))));
  });

  it("lets the last match decide unless a quick rule did", () => {
    const space = new PacketSpace({ interfaces });
    const last: Chain = {
      name: "pf",
      order: "last-match",
      end: "accept",
      rules: [rule(ir.everyPacket, "drop"), rule(port(445), "drop", { quick: true }), rule(ir.ofProtocol(6), "accept")],
    };
    const decision = decideFilter(space, filter(last));
    expect(decision.accepted).to.equal(space.compile(ir.all(ir.ofProtocol(6), ir.not(port(445)))));
  });

  it("tells which packets each rule takes, counted from the entry", () => {
    const space = new PacketSpace({ interfaces });
    const decision = decideFilter(
      space,
      filter(
        chain("main", "accept", rule(port(80), "accept"), rule(ir.ofProtocol(6), { kind: "jump", chain: "side" })),
        chain("side", "return", rule(port(80), "drop"), rule(port(445), "drop"), rule(port(445), "drop")),
      ),
    );
    const effects = effectsOf(space, decision).get("side")!.rules;
    const effect = (index: number): number => effects[index]!;
    expect(effect(0), "shadowed by the caller").to.equal(space.none);
    expect(effect(1)).to.equal(space.compile(port(445)));
    expect(effect(2), "shadowed by the rule before").to.equal(space.none);
  });

  it("gives each packet to the rule that the walk ends with", () => {
    fc.assert(
      fc.property(arbitraryFilter, fc.array(arbitraryPacket, { minLength: 5, maxLength: 15 }), (one, packets) => {
        const space = new PacketSpace({ interfaces });
        const effects = effectsOf(space, decideFilter(space, one));
        for (const packet of packets) {
          const { steps, fate } = trace({ hook: "forward", filters: [one] }, packet);
          // Behind a verdict that was not understood the walk ends, and the effects go on.
          if (fate === "unknown") continue;
          for (const [name, { rules: sets }] of effects) {
            for (const [index, set] of sets.entries()) {
              const step = one.chains.get(name)!.rules[index]!;
              const met = steps.some((taken) => taken.rule === step);
              if (one.chains.get(name)!.order === "first-match") expect(has(space, set, packet)).to.equal(met);
            }
          }
        }
      }),
      runs(300),
    );
  });

  it("takes time in proportion to the rules, not to the ways through the chains", () => {
    const space = new PacketSpace({ interfaces });
    const chains = Array.from({ length: 60 }, (_, i) =>
      chain(
        `c${i}`,
        i === 0 ? "accept" : "return",
        rule(port(i), { kind: "jump", chain: `c${i + 1}` }),
        rule(ir.everyPacket, { kind: "jump", chain: `c${i + 1}` }),
      ),
    );
    const decision = decideFilter(space, filter(...chains, chain("c60", "return", rule(port(445), "drop"))));
    expect(decision.dropped).to.equal(space.compile(port(445)));
  });
});
