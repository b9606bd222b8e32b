import type { Source } from "../diagnostics/index.js";

/** What the linter judges by where nobody has a policy: SMB and NetBIOS stay off the edge, without an exception. */
export const builtInPolicy: Source = {
  path: "built-in policy",
  text: `version: 1
name: no-smb-across-the-edge
description: SMB and NetBIOS do not cross the edge, in either direction, IPv4 or IPv6.
services:
  smb: tcp/445
  netbios: [udp/137-138, tcp/139]
rules:
  - name: no-smb
    deny: [smb, netbios]
    direction: both
default: continue
`,
};
