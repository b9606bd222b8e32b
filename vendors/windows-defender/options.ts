import type { Target } from "../../src/vendor-kit/index.js";
import type { FirewallStore, Profile } from "./model.js";
import { profiles } from "./model.js";

/** `targets.windows-defender` with its defaults. */
export interface Options {
  /** In the order of {@link profiles}. */
  readonly outside: readonly Profile[];
  readonly store: FirewallStore;
  readonly exclusive: boolean;
  readonly openInbound: boolean;
  readonly write: readonly Form[];
  readonly prefix: string;
}

export type Form = "powershell" | "registry" | "intune";

export function readOptions(target: Target): Options {
  const raw = target.options as {
    outside?: readonly Profile[];
    gpo?: string;
    exclusive?: boolean;
    "open-inbound"?: boolean;
    write?: readonly Form[];
    prefix?: string;
  };
  const outside = raw.outside ?? ["Public"];
  return {
    outside: profiles.filter((profile) => outside.includes(profile)),
    store: storeOf(raw.gpo),
    exclusive: raw.exclusive ?? false,
    openInbound: raw["open-inbound"] ?? false,
    write: raw.write ?? ["powershell", "registry"],
    prefix: raw.prefix ?? "Ringwall",
  };
}

/** `domain\name`. */
function storeOf(gpo: string | undefined): FirewallStore {
  const found = /^([^\\]+)\\(.+)$/.exec(gpo ?? "");
  return found === null ? { kind: "local" } : { kind: "group-policy", domain: found[1]!, name: found[2]! };
}
