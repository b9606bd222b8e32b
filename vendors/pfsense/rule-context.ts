import type { Diagnostic } from "../../src/vendor-kit/index.js";
import type { Aliases } from "./aliases.js";
import type { Interfaces } from "./interfaces.js";
import type { Element } from "./xml.js";
import { child, valueOf } from "./xml.js";

/** What the rules of a configuration refer to. */
export interface RuleContext {
  readonly dialect: "pfsense" | "opnsense";
  readonly aliases: Aliases;
  /** undefined when the text is a part without `<interfaces>`: every name may be an interface then. */
  readonly interfaces: Interfaces | undefined;
  /** Names of `<schedules>`. */
  readonly schedules: ReadonlySet<string>;
  report(one: Diagnostic): void;
}

/** OPNsense writes flags as `0` and `1`, pfSense by their presence. */
export function set(element: Element, name: string, context: RuleContext): boolean {
  const one = child(element, name);
  return one !== undefined && !(context.dialect === "opnsense" && (one.text === "0" || one.text === ""));
}

/** For a message about a rule that is left out. */
export function failsOpen(element: Element): string {
  const type = valueOf(element, "type");
  return type === "block" || type === "reject" ? " and blocks nothing" : "";
}
