import type { Diagnostic } from "../diagnostics/index.js";
import type { Hook, Packet } from "../ir/index.js";
import type { Explanation } from "../jobs/explain.js";
import { explainByDevice, explainByPolicy, explainByRole, usualHook } from "../jobs/explain.js";
import { readPacket } from "../jobs/packet-syntax.js";
import type { Direction } from "../policy/index.js";
import type { Registry } from "../registry.js";
import type { Subject } from "./subject.js";
import { readSubject } from "./subject.js";

export interface ExplainOptions {
  /** As the command line writes it, `tcp 10.20.1.5 > 20.60.26.4:445`, or with all its fields. */
  readonly packet: string | Packet;
  readonly direction: Direction;
  /** Of a configuration; by default `forward`, through the firewall, or to and from a host that has no rules for that. */
  readonly hook?: Hook;
  /** Of a policy with hosts: what hosts of this role do with the packet, in each category of networks. */
  readonly role?: string;
  readonly registry?: Registry;
}

export interface ExplainResult {
  /** Absent when something could not be read, when the policy has no such role, or the configuration no rules for such packets. */
  readonly explanation?: Explanation;
  readonly diagnostics: readonly Diagnostic[];
}

/** Says what a policy or a configuration does with one packet, and which rule decides. */
export async function explain(subject: Subject, options: ExplainOptions): Promise<ExplainResult> {
  const { direction } = options;
  const reading =
    typeof options.packet === "string"
      ? readPacket(options.packet, "packet")
      : { ok: true as const, packet: options.packet };
  if (!reading.ok) return { diagnostics: [reading.diagnostic] };
  const read = await readSubject(subject, options.registry);
  const { diagnostics } = read;
  switch (read.kind) {
    case "unreadable":
      return { diagnostics };
    case "policy": {
      if (options.role === undefined) {
        return { explanation: explainByPolicy(read.edge, reading.packet, direction), diagnostics };
      }
      const role = read.edge.hosts?.roles.find((one) => one.name === options.role);
      return { ...(role && { explanation: explainByRole(role, reading.packet, direction) }), diagnostics };
    }
    case "configuration": {
      const { device, sides } = read.configuration;
      const hook = options.hook ?? usualHook(device, direction);
      const explanation = explainByDevice(device, reading.packet, { direction, hook, sides });
      return { ...(explanation !== undefined && { explanation }), diagnostics };
    }
  }
}
