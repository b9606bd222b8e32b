import { expect } from "chai";
import { attempts, nextStep } from "../../src/fetch/retry.js";
import type { Outcome, Step } from "../../src/fetch/retry.js";

const now = new Date("2026-11-23T12:00:00Z");
const after = (attempt: number, outcome: Outcome, random = 0): Step => nextStep(attempt, outcome, now, random);
const answered = (status: number, retryAfter?: string): Outcome => ({ kind: "answered", status, retryAfter });

describe("after an attempt", () => {
  it("what may pass by itself is tried again, later each time, four times in all", () => {
    for (const outcome of [{ kind: "broken" } as const, answered(500), answered(502), answered(408)]) {
      expect([1, 2, 3, 4].map((attempt) => after(attempt, outcome))).to.deep.equal([
        { kind: "again", milliseconds: 1000 },
        { kind: "again", milliseconds: 2000 },
        { kind: "again", milliseconds: 4000 },
        { kind: "give-up" },
      ]);
    }
    expect(attempts).to.equal(4);
  });

  it("chance cuts a wait by half at most", () => {
    expect(after(3, { kind: "broken" }, 0.5)).to.deep.equal({ kind: "again", milliseconds: 3000 });
    expect(after(3, { kind: "broken" }, 1)).to.deep.equal({ kind: "again", milliseconds: 2000 });
  });

  it("other answers are taken as they are", () => {
    for (const status of [200, 304, 401, 403, 404, 410])
      expect(after(1, answered(status))).to.deep.equal({ kind: "take" });
  });

  it("a busy host is left alone as long as it asks for, or an hour", () => {
    const until = (time: string): Step => ({ kind: "leave", until: new Date(time) });
    expect(after(1, answered(429))).to.deep.equal(until("2026-11-23T13:00:00Z"));
    expect(after(1, answered(429, "soon"))).to.deep.equal(until("2026-11-23T13:00:00Z"));
    expect(after(1, answered(429, "61"))).to.deep.equal(until("2026-11-23T12:01:01Z"));
    expect(after(1, answered(429, "Tue, 24 Nov 2026 00:00:00 GMT"))).to.deep.equal(until("2026-11-24T00:00:00Z"));
    expect(after(1, answered(503, "600"))).to.deep.equal(until("2026-11-23T12:10:00Z"));
    expect(after(1, answered(429, "999999999"))).to.deep.equal(until("2026-11-24T12:00:00Z"));
  });

  it("a minute is waited for, but not for ever", () => {
    expect(after(1, answered(429, "60"))).to.deep.equal({ kind: "again", milliseconds: 60_000 });
    expect(after(2, answered(429, "0"))).to.deep.equal({ kind: "again", milliseconds: 2000 });
    expect(after(1, answered(429, "Mon, 23 Nov 2026 11:00:00 GMT"))).to.deep.equal({
      kind: "again",
      milliseconds: 1000,
    });
    expect(after(4, answered(429, "30"))).to.deep.equal({ kind: "leave", until: new Date("2026-11-23T12:00:30Z") });
  });
});
