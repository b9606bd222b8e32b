import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, didYouMean } from "../diagnostics/index.js";
import type { HostRole } from "../policy/index.js";
import type { Subject } from "./subject.js";

/** The role of a policy that `--role` names; undefined for configurations, and where there is none of the name. */
export function roleOf(subject: Subject, name: string | undefined): HostRole | undefined {
  return subject.kind === "policy" ? subject.edge.hosts?.roles.find((one) => one.name === name) : undefined;
}

/** That a policy does not have the role; undefined where it has, where none was asked for, and for configurations. */
export function roleProblem(subject: Subject, name: string | undefined): Diagnostic | undefined {
  if (name === undefined || subject.kind !== "policy" || roleOf(subject, name) !== undefined) return undefined;
  const names = subject.edge.hosts?.roles.map((one) => one.name) ?? [];
  const help = names.length === 0 ? "the policy has no `hosts`" : `its roles are ${names.join(", ")}`;
  return diagnostic("RW1007", `${subject.name} has no role "${name}"${didYouMean(name, names)}`, { help });
}

export function rolesAreOfPolicies(): Diagnostic {
  const help = "leave it out; --outside names the network profile, --hook input or output the direction";
  return diagnostic("RW1007", "--role asks about a policy, and there is none here", { help });
}
