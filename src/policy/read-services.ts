import type { Span } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import { everything, portNumbers } from "../net/index.js";
import type { ServiceNode } from "./document.js";
import type { Reader } from "./fields.js";
import { textAt, unionOf } from "./fields.js";
import { looksLikeService, parseService, portSet, withPorts } from "./services.js";
import type { Mapping, Tree } from "./yaml.js";

/** The expression for services that a text, list or mapping is; undefined when it is wrong. */
export function serviceOf(tree: Tree, reader: Reader): ServiceNode | undefined {
  switch (tree.kind) {
    case "scalar":
      return typeof tree.value === "string" ? serviceText(tree.value, tree.span, reader) : undefined;
    case "list":
      return unionOf(tree, reader, serviceOf);
    case "mapping":
      return serviceMapping(tree, reader);
  }
}

function serviceText(text: string, at: Span, reader: Reader): ServiceNode | undefined {
  if (!looksLikeService(text)) {
    reader.uses.services.push({ text, span: at });
    return { kind: "reference", name: text, span: at };
  }
  const read = parseService(text);
  if (read.ok) return { kind: "literal", services: read.services, span: at };
  const { why, instead } = read.problem;
  reader.report(
    diagnostic("RW1005", `"${text}" is refused: ${why}`, {
      primary: at,
      help:
        instead === undefined
          ? "a service is written as tcp/445, udp/137-138, icmp/echo-request or any"
          : `write ${instead}`,
    }),
  );
  return undefined;
}

function serviceMapping(tree: Mapping, reader: Reader): ServiceNode | undefined {
  const protocol = textAt(tree, "protocol");
  if (protocol === undefined || !Object.hasOwn(withPorts, protocol)) return undefined;
  const ports = portsAt(tree, "ports", reader);
  const sourcePorts = portsAt(tree, "source-ports", reader);
  if (ports === undefined || sourcePorts === undefined) return undefined;
  const label =
    protocol +
    (ports.text === "*" && sourcePorts.text === "*"
      ? ""
      : `/${sourcePorts.text === "*" ? "" : `${sourcePorts.text}>`}${ports.text}`);
  return {
    kind: "literal",
    span: tree.span,
    services: [
      {
        label,
        protocol: withPorts[protocol as keyof typeof withPorts],
        sourcePorts: sourcePorts.set,
        destinationPorts: ports.set,
      },
    ],
  };
}

function portsAt(tree: Mapping, key: string, reader: Reader) {
  const value = tree.entries.get(key)?.value;
  if (value === undefined) return { text: "*", set: everything(portNumbers) };
  const items = value.kind === "list" ? value.items : [value];
  const parts = items.flatMap((part) => (part.kind === "scalar" && isPortText(part.value) ? [String(part.value)] : []));
  if (parts.length < items.length || parts.length === 0) return undefined; // a matter of the shape
  const set = portSet(parts);
  if (typeof set !== "string") return { text: parts.join(","), set };
  reader.report(
    diagnostic("RW1005", set, { primary: value.span, help: "a port is 0 to 65535, a range is written as 137-138" }),
  );
  return undefined;
}

function isPortText(value: unknown): boolean {
  return typeof value === "number"
    ? Number.isInteger(value) && value >= 0 && value <= 65535
    : typeof value === "string" && /^\d{1,5}(-\d{1,5})?$/.test(value);
}
