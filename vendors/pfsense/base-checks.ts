import type {
  AddressSet,
  Diagnostic,
  Edge,
  EdgeException,
  EdgeRule,
  IntervalSet,
  Target,
} from "../../src/vendor-kit/index.js";
import * as kit from "../../src/vendor-kit/index.js";
import type { OwnAliases } from "./alias-names.js";
import type { BaseConfig } from "./base-config.js";
import { readInterfaces } from "./interfaces.js";
import { silentContext } from "./parse-config.js";
import type { PlannedRule } from "./plan.js";
import type { PortForward } from "./translation.js";
import { portForwards } from "./translation.js";
import type { Element } from "./xml.js";
import { at, child, childrenOf, elementSpan, has, valueOf } from "./xml.js";

/** What in the owner's configuration keeps our rules from meaning what the policy says. */
export function checkBase(
  edge: Edge,
  rules: readonly PlannedRule[],
  tags: readonly string[],
  base: BaseConfig,
  outside: readonly string[],
  target: Target,
): Diagnostic[] {
  return [
    ...unknownInterfaces(base, outside, target),
    ...tagConflicts(base, rules, tags, outside),
    ...portForwards(base.root, silentContext(base.root))
      .filter((forward) => outside.includes(forward.interface))
      .flatMap((forward) => forwardConflicts(edge, forward)),
    ...passedFirst(edge, base, outside, target),
    ...switchedOff(base),
  ];
}

/** Names that a rule or alias of the owner uses and that this output would take away. */
export function lostNames(base: BaseConfig, aliases: OwnAliases, prefix: string): Diagnostic[] {
  const kept = new Set([...base.aliasNames, ...aliases.all.map((alias) => alias.name)]);
  const check = (word: string, element: Element): Diagnostic[] =>
    !word.startsWith(`${prefix}_`) || kept.has(word)
      ? []
      : [
          kit.diagnostic(
            "RW3008",
            `a rule or alias of the firewall's owner uses the alias ${kit.plainLine(word, 40)}, which this output no longer has`,
            {
              primary: elementSpan(element),
              help: "copy the alias under another name and use that: ours change with the policy",
            },
          ),
        ];
  return [
    ...childrenOf(child(base.root, "filter"), "rule").flatMap((rule) =>
      ["source", "destination"].flatMap((end) => check(valueOf(child(rule, end), "address"), rule)),
    ),
    ...childrenOf(child(base.root, "aliases"), "alias").flatMap((alias) =>
      valueOf(alias, "address")
        .split(/\s+/)
        .flatMap((word) => check(word, alias)),
    ),
  ];
}

function unknownInterfaces(base: BaseConfig, outside: readonly string[], target: Target): Diagnostic[] {
  const { all } = readInterfaces(base.root);
  return outside.flatMap((name, index) => {
    if (all.some((one) => one.name === name)) return [];
    const meant = all.find((one) => [one.description, one.hardware].includes(name) || one.name === name.toLowerCase());
    return [
      kit.diagnostic("RW3005", `the base configuration has no enabled interface "${name}"`, {
        primary: target.spanOf("outside", index) ?? target.spanOf("outside"),
        help:
          meant === undefined
            ? `use the names that config.xml uses: ${all.map((one) => one.name).join(", ")}`
            : `write ${meant.name}, which is how config.xml names it`,
      }),
    ];
  });
}

/** A packet holds one tag, and the owner's would replace ours; and an address of the firewall must not look like a client. */
function tagConflicts(
  base: BaseConfig,
  rules: readonly PlannedRule[],
  tags: readonly string[],
  outside: readonly string[],
): Diagnostic[] {
  if (tags.length === 0) return [];
  const theirs = childrenOf(child(base.root, "filter"), "rule").filter(
    (rule) => valueOf(rule, "tag") !== "" && !has(rule, "disabled"),
  );
  const interfaces = readInterfaces(base.root);
  const own = outside.map((name) => interfaces.address(name)?.addresses ?? kit.noAddress);
  const sets = rules.flatMap((rule) => (rule.action === "match" && rule.source.kind === "in" ? [rule.source.set] : []));
  return [
    ...theirs.slice(0, 1).map((rule) =>
      kit.diagnostic(
        "RW3008",
        `outbound rules by source need the tag ${tags.join(", ")}, and a rule of the base gives the tag ${kit.plainLine(valueOf(rule, "tag"), 40)}: a packet holds one tag`,
        {
          primary: elementSpan(rule),
          help: "leave from out of outbound rules and exceptions, or say translation: false where sources are not rewritten",
        },
      ),
    ),
    ...sets
      .filter((set) => own.some((one) => !kit.isNoAddress(kit.intersectAddresses(one, set.addresses))))
      .map((set) =>
        kit.diagnostic(
          "RW3008",
          `${set.label} holds an address of the outside interface, to which the firewall rewrites the sources of others: those would be taken for ${set.label}`,
          {
            help: "leave the firewall's own address out of the network, or say translation: false where sources are not rewritten",
          },
        ),
      ),
  ];
}

/** A port forward goes around the policy when it passes by itself, or when it hides the port that the policy speaks of. */
function forwardConflicts(edge: Edge, forward: PortForward): Diagnostic[] {
  const words = valueOf(forward.element, "protocol").toLowerCase();
  const protocols = words === "tcp/udp" ? [6, 17] : words === "tcp" ? [6] : words === "udp" ? [17] : undefined;
  /** The first rule that denies some of these packets, unless a permit or its own exceptions let all of them through. */
  const denied = (ports: PortForward["outerPorts"], targets: AddressSet): EdgeRule | undefined => {
    const speaksOf = (box: EdgeRule | EdgeException): boolean =>
      box.directions.includes("inbound") &&
      !kit.isNoAddress(kit.intersectAddresses(box.from.addresses, forward.sources)) &&
      !kit.isNoAddress(kit.intersectAddresses(box.to.addresses, targets)) &&
      box.services.some(
        (service) =>
          (service.protocol === "any" || protocols === undefined || protocols.includes(service.protocol)) &&
          (ports.length === 0 || kit.intersect(service.destinationPorts, intervals(ports)).length > 0),
      );
    const covers = (box: EdgeRule | EdgeException): boolean =>
      box.directions.includes("inbound") &&
      kit.isNoAddress(kit.subtractAddresses(forward.sources, box.from.addresses)) &&
      kit.isNoAddress(kit.subtractAddresses(targets, box.to.addresses)) &&
      box.services.some(
        (service) =>
          (service.protocol === "any" || (protocols?.length === 1 && protocols[0] === service.protocol)) &&
          ports.length > 0 &&
          kit.subtract(kit.portNumbers, intervals(ports), service.destinationPorts).length === 0,
      );
    for (const rule of edge.rules) {
      if (rule.action === "permit" && rule.exceptions.length === 0 && covers(rule)) return undefined;
      if (rule.action !== "permit" && speaksOf(rule) && !rule.exceptions.some(covers)) return rule;
    }
    return undefined;
  };
  const outer = denied(forward.outerPorts, kit.anyAddress);
  const inner = denied(forward.innerPorts, forward.targets);
  const name = kit.plainLine(valueOf(forward.element, "descr"), 60) || "without a description";
  const details = { primary: elementSpan(forward.element) };
  if (forward.passes) {
    const rule = outer ?? inner;
    return rule === undefined
      ? []
      : [
          kit.diagnostic(
            "RW3008",
            `the port forward "${name}" passes what rule "${rule.name}" denies: with Filter rule association "Pass" no filter rule is asked`,
            {
              ...details,
              help: 'set its Filter rule association to "Add associated filter rule", or remove the forward',
            },
          ),
        ];
  }
  if (outer === undefined || inner !== undefined) return [];
  return [
    kit.diagnostic(
      "RW3007",
      `the port forward "${name}" changes a port that rule "${outer.name}" denies into one that it does not: the rules see the new port only`,
      {
        ...details,
        help: "remove the forward, or deny the port behind it as well",
      },
    ),
  ];
}

function intervals(ports: PortForward["outerPorts"]): IntervalSet<number> {
  return kit.toSet(
    kit.portNumbers,
    ports.map(([first, last]) => ({ first, last })),
  );
}

/** pfSense decides a few packets before it asks anybody's rules. */
function passedFirst(edge: Edge, base: BaseConfig, outside: readonly string[], target: Target): Diagnostic[] {
  const denies = (protocol: number, ports: readonly number[]): boolean =>
    edge.default === "deny" ||
    edge.rules.some(
      (rule) =>
        rule.action !== "permit" &&
        rule.services.some(
          (service) =>
            service.protocol === "any" ||
            (service.protocol === protocol &&
              (ports.length === 0 || ports.some((port) => kit.contains(service.destinationPorts, port)))),
        ),
    );
  const permits = edge.default === "permit" || edge.rules.some((rule) => rule.action === "permit");
  const interfaces = readInterfaces(base.root).all.filter((one) => outside.includes(one.name));
  const found: string[] = [];
  if (has(at(base.root, "system"), "ipv6allow") && denies(kit.protocols.icmpv6, []))
    found.push("passes ICMPv6 neighbour discovery, unreachable and too-big messages");
  if (interfaces.some((one) => valueOf(one.element, "ipaddr") === "dhcp") && denies(kit.protocols.udp, [67, 68]))
    found.push("passes its own DHCP on an outside interface");
  if ((at(base.root, "interfaces")?.children.length ?? 0) === 1 && denies(kit.protocols.tcp, [80, 443, 22]))
    found.push("passes its web interface by the anti-lockout rule, because there is one interface only");
  if (permits)
    for (const one of interfaces) {
      if (has(one.element, "blockpriv")) found.push(`blocks private networks on ${one.name}`);
      if (has(one.element, "blockbogons")) found.push(`blocks bogons on ${one.name}`);
    }
  if (!has(at(base.root, "system"), "ipv6allow") && permits) found.push("blocks all IPv6");
  return found.map((what) =>
    kit.diagnostic(
      "RW3007",
      `before it asks any rule, pfSense ${what}; a rule of the policy that says otherwise has no effect there`,
      {
        primary: target.spanOf(),
      },
    ),
  );
}

function switchedOff(base: BaseConfig): Diagnostic[] {
  const system = at(base.root, "system");
  const off = child(system, "disablefilter");
  const scrub = child(system, "disablescrub");
  return [
    ...(off === undefined
      ? []
      : [
          kit.diagnostic("RW3008", "the base configuration switches packet filtering off: no rule has any effect", {
            primary: elementSpan(off),
            help: "switch it on under System > Advanced > Firewall & NAT",
          }),
        ]),
    ...(scrub === undefined
      ? []
      : [
          kit.diagnostic(
            "RW3007",
            "the base configuration switches scrubbing off: fragments behind the first have no ports and pass rules that ask for them",
            {
              primary: elementSpan(scrub),
              help: "switch it on under System > Advanced > Firewall & NAT",
            },
          ),
        ]),
  ];
}
