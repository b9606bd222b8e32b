import { any } from "../ir/index.js";
import { serviceMatch } from "../policy/truth.js";
import { perContext } from "./per-context.js";

/** All packets of services that a rule of the policy denies, wherever they go. */
export const deniedServices = perContext(({ space, options }) => {
  const denials = options.edge.rules.filter((rule) => rule.action !== "permit");
  return space.compile(any(...denials.flatMap((rule) => rule.services.map(serviceMatch))));
});
