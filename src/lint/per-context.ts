import type { LintContext } from "./context.js";

/** Work that several rules share: done for a context when the first of them asks, and known from then on. */
export function perContext<T>(work: (context: LintContext) => T): (context: LintContext) => T {
  const known = new WeakMap<LintContext, { readonly result: T }>();
  return (context) => {
    let done = known.get(context);
    if (done === undefined) known.set(context, (done = { result: work(context) }));
    return done.result;
  };
}
