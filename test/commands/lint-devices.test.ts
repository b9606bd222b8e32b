import { expect } from "chai";
import { partsTogether } from "../../src/commands/lint-devices.js";
import { stemOf } from "../../src/commands/lint-files.js";

describe("the files of one folder", () => {
  const cases: readonly (readonly [string, readonly (readonly [string, string])[], string])[] = [
    [
      "are one device where they are its parts",
      [
        ["rules.v4", "4"],
        ["rules.v6", "6"],
        ["ipset.conf", "sets"],
      ],
      "rules.v4+rules.v6+ipset.conf",
    ],
    [
      "are one device whatever they are called",
      [
        ["aliases.xml", "aliases"],
        ["filter.xml", "rules"],
      ],
      "aliases.xml+filter.xml",
    ],
    [
      "are several where the names say so",
      [
        ["a.v4", "4"],
        ["a.v6", "6"],
        ["b.v4", "4"],
        ["b.v6", "6"],
      ],
      "a.v4+a.v6 b.v4+b.v6",
    ],
    [
      "are several where they are numbered",
      [
        ["edge1.v4", "4"],
        ["edge2.v6", "6"],
      ],
      "edge1.v4 edge2.v6",
    ],
    [
      "are one where they are numbered alike",
      [
        ["edge1.v4", "4"],
        ["edge1.v6", "6"],
      ],
      "edge1.v4+edge1.v6",
    ],
    [
      "stand for themselves where each is whole",
      [
        ["a.nft", "whole"],
        ["b.nft", "whole"],
      ],
      "a.nft b.nft",
    ],
    [
      "stand for themselves where nobody can tell",
      [
        ["rules.v4", "4"],
        ["save.v4", "4"],
      ],
      "rules.v4 save.v4",
    ],
  ];
  for (const [title, files, expected] of cases) {
    it(title, () => {
      const groups = partsTogether(files, ([name, part]) => ({ part, stem: stemOf(name) }));
      expect(groups.map((group) => group.map(([name]) => name).join("+")).join(" ")).to.equal(expected);
    });
  }
});
