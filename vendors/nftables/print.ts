import type { ChainText, NamedSet, RuleText, Table } from "./syntax.js";

/** The lines inside the table's braces, indented by one tab, without line ends. */
export function printTable(table: Table): string[] {
  return [...table.sets.map(printSet), ...table.chains.map(printChain)].flatMap((block, i) =>
    i === 0 ? block : ["", ...block],
  );
}

function printSet(set: NamedSet): string[] {
  return [
    `\t# ${set.remark}`,
    `\tset ${set.name} {`,
    `\t\ttype ${set.family}_addr`,
    `\t\tflags interval`,
    `\t\telements = {`,
    ...set.elements.map((element) => `\t\t\t${element},`),
    `\t\t}`,
    `\t}`,
  ];
}

function printChain(chain: ChainText): string[] {
  return [
    ...chain.remarks.map((remark) => `\t# ${remark}`),
    `\tchain ${chain.name} {`,
    ...(chain.base === undefined
      ? []
      : [`\t\ttype filter hook ${chain.base.hook} priority ${chain.base.priority}; policy accept;`]),
    ...chain.rules.map((rule) => `\t\t${printRule(rule)}`),
    `\t}`,
  ];
}

function printRule(rule: RuleText): string {
  const comment = rule.comment === undefined ? [] : [`comment ${rule.comment}`];
  return [...rule.matches, ...rule.statements, ...comment].join(" ");
}
