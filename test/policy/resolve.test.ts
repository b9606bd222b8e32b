import { expect } from "chai";
import * as fc from "fast-check";
import { prefixTexts } from "../feeds/samples.js";
import { runs } from "../support/runs.js";
import { compile, edgeOf, feeds, policy, told } from "./policies.js";

describe("a network", () => {
  it("is addresses, prefixes, ranges and other networks, in any order", () => {
    expect(
      addresses(`
  a: [192.0.2.7, 10.0.0.0/9, b]
  b: [10.128.0.0/9, 2001:db8::/48, ::1]
`),
    ).to.deep.equal(["10.0.0.0/8", "192.0.2.7/32", "::1/128", "2001:db8::/48"]);
  });

  it("can be a range, both ends included", () => {
    expect(addresses("a: 10.0.0.5-10.0.0.9")).to.deep.equal(["10.0.0.5/32", "10.0.0.6/31", "10.0.0.8/31"]);
    expect(addresses("a: [2001:db8::-2001:db8::1, ::2-::3]")).to.deep.equal(["::2/127", "2001:db8::/127"]);
  });

  it("that is `any` is every address of both families", () => {
    expect(addresses("a: any")).to.deep.equal(["0.0.0.0/0", "::/0"]);
  });

  it("can have something cut out", () => {
    expect(addresses("a: { of: [10.0.0.0/8], minus: 10.128.0.0/9 }")).to.deep.equal(["10.0.0.0/9"]);
    expect(addresses("a: { of: any, minus: [b, 0.0.0.0/1] }\n  b: [::/0]")).to.deep.equal(["128.0.0.0/1"]);
    expect(addresses("a: { azure: { regions: NorthEurope }, minus: [20.60.40.0/23, 198.18.0.0/15] }")).to.deep.equal([
      "203.0.113.96/27",
      "2001:db8:a:200::/56",
    ]);
  });

  it("can take from several feeds and literals at once", () => {
    expect(
      addresses(
        "a: { of: 192.0.2.1, azure: { tags: [Storage.NorthEurope] }, office365: { ids: 46 }, minus: any-ipv6 }\n  any-ipv6: ::/0",
      ),
    ).to.deep.equal(["20.60.40.0/23", "192.0.2.1/32", "198.18.48.0/21", "198.18.124.0/23", "203.0.113.96/27"]);
  });

  it("takes the feed that it names, or the one named like its kind, or the only one of its kind", () => {
    const china = "feeds: { china: { kind: azure, file: x } }\n";
    const both = "feeds: { china: { kind: azure, file: x }, azure: { file: y } }\n";
    const chinaEast = ["198.19.8.0/22", "2001:db8:c:100::/56"];
    expect(addresses("a: { azure: { regions: ChinaEast } }", china)).to.deep.equal(chinaEast);
    expect(addresses("a: { azure: { regions: ChinaEast, feed: china } }", both)).to.deep.equal(chinaEast);
    expect(addresses("a: { azure: { tags: ActionGroup } }", both)).to.have.lengthOf(3);
  });

  it("that nothing uses is checked, too: its region may have vanished", () => {
    expect(
      told(policy(`${feeds}networks: { a: { azure: { regions: Atlantis } } }\nrules: [{ name: r, deny: any }]\n`)),
    ).to.deep.equal([
      'RW5002 at "Atlantis": the region "Atlantis" (service tag "Storage.Atlantis") does not occur in ServiceTags_Public.json',
    ]);
  });

  it("from which everything is cut out is an error, because empty never means any", () => {
    const text = policy("networks: { a: { of: 10.0.0.0/8, minus: any } }\nrules: [{ name: r, deny: any, to: a }]\n");
    expect(told(text)).to.deep.equal(['RW2004 at "any": `minus` cuts out all of it, so that no address is left']);
    expect(compile(text).edge).to.equal(undefined);
  });

  it("is told as wrong once, however often it is used", () => {
    const text = policy(
      `${feeds}networks: { a: { azure: { tags: Nothing.Here } }, b: [a, a] }\nrules: [{ name: r, deny: any, to: [a, b], from: b }]\n`,
    );
    expect(told(text)).to.have.lengthOf(1);
  });

  it("is the set that its expression says, for random expressions", () => {
    fc.assert(
      fc.property(expression, (tree) => {
        const wanted = meaning(tree);
        const text = JSON.stringify({
          version: 1,
          name: "x",
          networks: { low: lowNames, all: "192.0.2.0/28" },
          rules: [{ name: "r", deny: "any", to: tree }],
        });
        const { edge, diagnostics } = compile(text);
        if (wanted === undefined) {
          expect(diagnostics.map((one) => one.code)).to.include("RW2004");
          expect(edge).to.equal(undefined);
          return;
        }
        const { ipv4, ipv6 } = edge!.rules[0]!.to.addresses;
        expect(ipv6).to.deep.equal([]);
        const found = ipv4.flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, i) => first + i - base),
        );
        expect(found).to.deep.equal([...wanted].sort((a, b) => a - b));
      }),
      runs(200),
    );
  });
});

const base = 0xc0000200;
const lowNames = ["192.0.2.0", "192.0.2.1-192.0.2.3"];

type Tree = string | readonly Tree[] | { readonly of: Tree; readonly minus?: Tree };

const leaf: fc.Arbitrary<Tree> = fc.oneof(
  fc.nat({ max: 15 }).map((n) => `192.0.2.${n}`),
  fc
    .tuple(fc.nat({ max: 15 }), fc.nat({ max: 15 }))
    .map(([a, b]) => `192.0.2.${Math.min(a, b)}-192.0.2.${Math.max(a, b)}`),
  fc.nat({ max: 3 }).map((n) => `192.0.2.${n * 4}/30`),
  fc.constantFrom("low", "all"),
);

const { expression } = fc.letrec<{ expression: Tree }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie("expression"), { minLength: 1, maxLength: 3 }),
    fc.record({ of: tie("expression"), minus: tie("expression") }, { requiredKeys: ["of"] }),
  ),
}));

/** The members of an expression, 0 to 15; undefined where some `minus` in it leaves nothing. */
function meaning(tree: Tree): Set<number> | undefined {
  if (typeof tree === "string") return leafMeaning(tree);
  if (Array.isArray(tree)) {
    const parts = (tree as readonly Tree[]).map(meaning);
    return parts.every((part) => part !== undefined) ? new Set(parts.flatMap((part) => [...part])) : undefined;
  }
  const { of, minus } = tree as { of: Tree; minus?: Tree };
  const whole = meaning(of);
  if (minus === undefined) return whole;
  const cut = meaning(minus);
  if (whole === undefined || cut === undefined) return undefined;
  const left = [...whole].filter((n) => !cut.has(n));
  return left.length === 0 ? undefined : new Set(left);
}

function leafMeaning(text: string): Set<number> {
  if (text === "low") return new Set([0, 1, 2, 3]);
  if (text === "all") return new Set(Array.from({ length: 16 }, (_, n) => n));
  const numbers = [...text.matchAll(/192\.0\.2\.(\d+)/g)].map((match) => Number(match[1]));
  const first = numbers[0]!;
  const last = text.endsWith("/30") ? first + 3 : (numbers[1] ?? first);
  return new Set(Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

/** The prefixes of the network `a`. */
function addresses(networks: string, withFeeds = feeds): string[] {
  const edge = edgeOf(policy(`${withFeeds}networks:\n  ${networks.trim()}\nrules: [{ name: r, deny: any, to: a }]\n`));
  return prefixTexts(edge.rules[0]!.to.addresses);
}

describe("a policy's feeds", () => {
  it("are stamped with version and digest when something was taken from them, in the order of the policy", () => {
    const edge = edgeOf(
      policy(
        `${feeds}rules: [{ name: r, deny: any, to: { office365: { ids: 46 } }, from: { azure: { tags: Storage } } }]\n`,
      ),
    );
    expect(edge.feeds.map(({ name, path, version }) => `${name} ${path} ${version}`)).to.deep.equal([
      "azure feeds/ServiceTags_Public.json changeNumber 12",
      "office365 feeds/o365-endpoints-worldwide-2026110100.json version 2026110100",
    ]);
    for (const feed of edge.feeds) expect(feed.sha256).to.match(/^[0-9a-f]{64}$/);
    expect(edgeOf(policy(`${feeds}rules: [{ name: r, deny: any }]\n`)).feeds).to.deep.equal([]);
  });

  it("that cannot be read are told once, with the place that names them", () => {
    const text = policy(
      "feeds: { azure: { kind: office365, file: x.json } }\nnetworks: { a: { office365: { ids: 1 } }, b: { office365: { ids: 2 } } }\nrules: [{ name: r, deny: any, to: [a, b] }]\n",
    );
    const { diagnostics, edge } = compile(text);
    expect(edge).to.equal(undefined);
    expect(diagnostics.map((one) => one.code)).to.deep.equal(["RW5001"]);
    expect(diagnostics[0]!.related?.[0]?.span.source.path).to.equal("policy.yaml");
  });
});
