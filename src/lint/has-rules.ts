import type { Configuration } from "../jobs/configuration.js";

/** Whether somebody wrote a rule, or a default, in the texts of a device; rules that are not in force count too. */
export function hasRules({ device, inventory }: Configuration): boolean {
  const isWritten = device.paths.some((path) =>
    path.filters.some((filter) =>
      [...filter.chains.values()].some(
        (chain) => chain.endOrigin?.span !== undefined || chain.rules.some((rule) => rule.origin.span !== undefined),
      ),
    ),
  );
  return isWritten || (inventory?.idle.length ?? 0) > 0 || inventory?.definitions.some((one) => one.filter) === true;
}
