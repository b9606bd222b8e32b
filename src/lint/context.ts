import type { Filter, Hook } from "../ir/index.js";
import { hooks as allHooks } from "../ir/index.js";
import type { Configuration } from "../jobs/configuration.js";
import type { Mapping } from "../jobs/interfaces.js";
import { hooksOf, mappingOf, otherInterface } from "../jobs/interfaces.js";
import type { ChainEffects, PacketSet } from "../packet-set/index.js";
import { PacketSpace, decideFilter, effectsOf, interfacePatterns, packetsOf } from "../packet-set/index.js";
import type { EdgeQuestion } from "./edge-question.js";
import { edgeQuestions } from "./edge-question.js";
import { bypassesOf } from "./bypasses.js";
import type { LintOptions } from "./lint.js";
import { hasRules } from "./has-rules.js";
import type { Violation } from "./violations.js";
import { violationsOf } from "./violations.js";
import type { WrittenRule } from "./written-rules.js";
import { writtenRulesOf } from "./written-rules.js";

/** What rules look at, worked out once for all of them, and only when the first of them asks. */
export interface LintContext {
  readonly configuration: Configuration;
  readonly options: LintOptions;
  readonly space: PacketSpace;
  readonly mapping: Mapping;
  /** The hooks that matter and that the device has rules for. */
  readonly hooks: readonly Hook[];
  /** The hooks that matter and that nothing in the text filters. */
  readonly unfilteredHooks: readonly Hook[];
  questions(): readonly EdgeQuestion[];
  violations(): readonly Violation[];
  writtenRules(): readonly WrittenRule[];
  /** Of packets that can come to the filter at all. */
  effects(filter: Filter): ReadonlyMap<string, ChainEffects>;
  edge(): "closed" | "open" | "undecided";
}

export function contextOf(configuration: Configuration, options: LintOptions): LintContext {
  const { device, sides, vendor } = configuration;
  const mapping = mappingOf(device, sides);
  const space = new PacketSpace({
    interfaces: [...interfacePatterns(device), ...mapping.outside, ...mapping.inside, otherInterface],
  });
  const governed = hooksOf(device);
  const wanted = options.hooks ?? [...new Set([...(vendor.manifest.filters ?? allHooks), ...governed])];
  const effects = new Map<Filter, ReadonlyMap<string, ChainEffects>>();
  const context: LintContext = {
    configuration,
    options,
    space,
    mapping,
    hooks: governed.filter((hook) => wanted.includes(hook)),
    unfilteredHooks: wanted.filter((hook) => !governed.includes(hook)),
    questions: once(() => edgeQuestions(context)),
    violations: once(() => violationsOf(context)),
    writtenRules: once(() => writtenRulesOf(context)),
    effects(filter) {
      let known = effects.get(filter);
      if (known === undefined) {
        known = effectsOf(space, decideFilter(space, filter), comingTo(context, filter));
        effects.set(filter, known);
      }
      return known;
    },
    edge: once(() => edgeOf(context)),
  };
  return context;
}

/** The packets of the hooks on whose way the filter stands. */
function comingTo({ space, configuration }: LintContext, filter: Filter): PacketSet {
  const paths = configuration.device.paths.filter((path) => path.filters.includes(filter));
  return space.bdd.orAll(paths.map((path) => packetsOf(space, path.hook)));
}

/** Certain only where each packet was asked about and each answer is known. */
function edgeOf(context: LintContext): "closed" | "open" | "undecided" {
  const violations = [...context.violations(), ...bypassesOf(context)];
  if (violations.some((one) => one.certain)) return "open";
  const questions = context.questions();
  const isAsked = questions.length > 0 && questions.every((question) => question.asked !== context.space.none);
  const asked = isAsked && hasRules(context.configuration);
  return asked && violations.length === 0 && context.unfilteredHooks.length === 0 ? "closed" : "undecided";
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => (done ??= { value: work() }).value;
}
