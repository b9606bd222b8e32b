import { resolvePolicy, readPolicy } from "../../src/policy/index.js";
import type { Edge } from "../../src/policy/index.js";
import { fakeVendor } from "../support/fake-vendor.js";

/** SMB denied both ways, one address excepted; for the fake vendors that stand in for nftables and iptables. */
export const policy = `version: 1
name: smb-edge
networks:
  branch: [10.20.0.0/16, 2001:db8:20::/48]
  files: [20.60.26.4, 2001:db8:1::4]
services:
  smb: tcp/445
rules:
  - name: block-smb
    deny: smb
    direction: both
    except:
      - { from: branch, to: files, direction: outbound, reason: CHG-1234 }
targets:
  nftables: { outside: [wan0] }
`;

/** The same policy as the fake vendor writes it, without a head. */
export const paper = paperOf(policy);

export function edgeOf(text: string): Edge {
  const { policy: document } = readPolicy({ path: "policy.yaml", text });
  const { edge } = resolvePolicy(document!, { feeds: new Map() });
  return edge!;
}

export function paperOf(text: string): string {
  const target = {
    options: {},
    files: {},
    templates: {},
    tool: { name: "ringwall", version: "1" },
    spanOf: () => undefined,
  };
  return fakeVendor("nftables")
    .emit(edgeOf(text), target)
    .files[0]!.text.split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n");
}
