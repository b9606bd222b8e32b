import type { Span } from "../diagnostics/index.js";
import type { Family } from "../net/index.js";
import { families } from "../net/index.js";
import type { NetworkNode, PolicyDocument } from "./document.js";
import { labelOf } from "./endpoints.js";

/** An expression for addresses that a rule, an exception or the policy's hosts use. */
export interface UsedNetwork {
  readonly node: NetworkNode;
  /** The names and addresses that were written: `files-public, files-china`. */
  readonly label: string;
  readonly use: "rule" | "exception" | "hosts";
  /** The name of the rule that it or its exception belongs to; absent for hosts. */
  readonly rule?: string;
  /** At least one: what the exception or the rule speaks of. */
  readonly families: readonly Family[];
  readonly span: Span;
}

/** In the order of the policy. What is not written, and so means any, is not among them. */
export function usedNetworks(document: PolicyDocument): UsedNetwork[] {
  const used = (node: NetworkNode | undefined, rest: Pick<UsedNetwork, "use" | "rule" | "families">): UsedNetwork[] =>
    node === undefined ? [] : [{ node, label: labelOf(node), span: node.span, ...rest }];
  const hosts = [document.hosts?.domainControllers, document.hosts?.fileServers];
  return [
    ...document.rules.flatMap((rule) => {
      const ofRule = familiesOf(rule.family, families);
      return [
        ...[rule.from, rule.to].flatMap((end) => used(end, { use: "rule", rule: rule.name, families: ofRule })),
        ...rule.exceptions.flatMap((exception) =>
          [exception.from, exception.to].flatMap((end) =>
            used(end, { use: "exception", rule: rule.name, families: familiesOf(exception.family, ofRule) }),
          ),
        ),
      ];
    }),
    ...hosts.flatMap((node) => used(node, { use: "hosts", families })),
  ];
}

function familiesOf(word: Family | "both" | undefined, otherwise: readonly Family[]): readonly Family[] {
  return word === undefined || word === "both" ? otherwise : [word];
}
