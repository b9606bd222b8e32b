import { expect } from "chai";
import type { Chain, Packet, Path, Rule, Verdict } from "../../src/ir/index.js";
import * as ir from "../../src/ir/index.js";
import { answer } from "../../src/jobs/answer.js";
import { readPacket } from "../../src/jobs/packet-syntax.js";

const [day, local] = [ir.condition("it is day"), ir.condition("the source is local")];

describe("the answer to what becomes of a packet", () => {
  it("is the verdict where no condition takes part", () => {
    expect(answer(pathOf("accept", [ir.everyPacket, "drop"]), packet())).to.include({ verdict: "drop" });
    expect(answer(pathOf("continue"), packet())).to.include({ verdict: "continue" });
  });

  it("is unknown where a condition changes the verdict, with the way of each", () => {
    const found = answer(pathOf("accept", [day, "drop"]), packet());
    expect(found.verdict).to.equal("unknown");
    expect(found.conditions).to.deep.equal(["it is day"]);
    expect([found.trace.fate, found.otherwise?.verdict]).to.deep.equal(["accepted", "drop"]);
  });

  it("is the verdict where the conditions change the way and not the end", () => {
    const found = answer(pathOf("drop", [day, "drop"], [local, "drop"]), packet());
    expect([found.verdict, found.conditions]).to.deep.equal(["drop", ["it is day", "the source is local"]]);
  });

  it("takes the same words for the same condition wherever they stand", () => {
    const path = pathOf(
      "accept",
      [ir.all(day, local), "drop"],
      [ir.not(day), "drop"],
      [ir.all(day, ir.not(local)), "drop"],
    );
    expect(answer(path, packet())).to.include({ verdict: "drop" });
    const never = pathOf("accept", [ir.all(day, ir.not(day)), "drop"]);
    expect(answer(never, packet())).to.include({ verdict: "accept" });
  });

  it("finds the one way in many that ends otherwise", () => {
    const conditions = Array.from({ length: 12 }, (_, i) => ir.condition(`c${i}`));
    expect(answer(pathOf("accept", [ir.all(...conditions), "drop"]), packet()).verdict).to.equal("unknown");
  });

  it("does not claim what would take too long to find out", () => {
    const rules = Array.from({ length: 40 }, (_, i) => [ir.condition(`c${i}`), "continue"] as const);
    const found = answer(pathOf("drop", ...rules), packet());
    expect([found.verdict, found.otherwise]).to.deep.equal(["unknown", undefined]);
  });

  it("is unknown where the text was not understood", () => {
    expect(answer(pathOf("accept", [ir.everyPacket, "unknown"]), packet())).to.include({ verdict: "unknown" });
  });
});

function pathOf(end: Chain["end"], ...rules: readonly (readonly [ir.Match, Verdict])[]): Path {
  const chain: Chain = {
    name: "c",
    order: "first-match",
    rules: rules.map(([match, verdict]): Rule => ({ match, verdict, origin: { label: "r" } })),
    end,
  };
  return { hook: "forward", filters: [{ name: "f", chains: new Map([["c", chain]]), entry: "c" }] };
}

function packet(): Packet {
  const reading = readPacket("tcp 10.0.0.1 > 10.0.0.2:445");
  if (!reading.ok) throw new Error(reading.diagnostic.message);
  return reading.packet;
}
