import { expect } from "chai";
import * as fc from "fast-check";
import { jsonErrorOffset } from "../../src/feeds/json-error.js";

describe("the place where a text stops being JSON", () => {
  for (const [title, text, rest] of [
    ["a word that is no value", '{"a": x}', "x}"],
    ["a missing comma", '{"a": 1 "b": 2}', '"b": 2}'],
    ["a comma too many", '{"a": 1,}', "}"],
    ["a comma too many in a list", "[1,]", "]"],
    ["the wrong bracket", "[1}", "}"],
    ["a key without quotes", "{a: 1}", "a: 1}"],
    ["a missing colon", '{"a" 1}', "1}"],
    ["a leading zero", "[01]", "01]"],
    ["single quotes", "['a']", "'a']"],
    ["the start of a text that goes over the line", '["a\n"]', '"a\n"]'],
    ["the start of a text with an escape that JSON has not", '["\\x"]', '"\\x"]'],
    ["a second value", "[] []", "[]"],
    ["a space that JSON has not", "[\u00a01]", "\u00a01]"],
    ["the end, if that comes too early", "[1, [2, 3]", ""],
    ["the end of nothing", "", ""],
  ] as const) {
    it(`is ${title}`, () => {
      expect(() => JSON.parse(text) as unknown).to.throw();
      expect(text.slice(jsonErrorOffset(text))).to.equal(rest);
    });
  }

  it("is never found in JSON, and always in JSON that was cut short or has a character too many", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", "x", '"'), (json, at, more) => {
        expect(jsonErrorOffset(json)).to.equal(json.length);
        const cut = at % (json.length + 1);
        const text = json.slice(0, cut) + more;
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        if (!parses) expect(jsonErrorOffset(text)).to.be.at.most(text.length);
        // What is told is never beyond what was broken: everything before the cut could still become JSON.
        if (!parses && more === "") expect(jsonErrorOffset(text)).to.be.at.least(lastTokenStart(text));
      }),
    );
  });

  it("is found in deep nesting without a deep stack", () => {
    expect(jsonErrorOffset("[".repeat(200_000))).to.equal(200_000);
  });
});

function lastTokenStart(text: string): number {
  return Math.max(0, text.search(/("(?:[^"\\]|\\.)*\\?|[\w.+-]+)$/));
}
