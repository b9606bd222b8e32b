import { addressListFormats } from "../library/list-formats.js";
import type { Option } from "./command.js";

/** Vendors bring their own forms, so that they are known only when the vendors are there. */
const formats = await addressListFormats();

/** The options that every `ringwall exceptions` takes. */
export const exceptionsOptions: readonly Option[] = [
  { name: "family", kind: "text", value: "FAMILY", choices: ["4", "6", "both"], about: "by default both" },
  {
    name: "format",
    kind: "text",
    value: "NAME",
    choices: formats.map((format) => format.name),
    about: `how the list is written, by default ${formats[0].name}`,
  },
  { name: "name", kind: "text", value: "NAME", about: "what the list is called where the format needs a name" },
  { name: "minus", kind: "list", value: "CIDR|FILE", about: "cut these addresses out, or those in this file" },
  { name: "complement", kind: "flag", about: "everything else instead, for a firewall whose denials beat permissions" },
  {
    name: "max-entries",
    kind: "text",
    value: "N",
    about: "at most N prefixes a family, with the fewest addresses too many; says how many it opens",
  },
  { name: "out", kind: "text", value: "FILE", about: "write it there instead of printing it" },
  { name: "json", kind: "flag", about: "print a report with the list as JSON (schemas/exceptions-report.schema.json)" },
];

/** For a command's help. */
export const formatsParagraph = `The formats: ${formats.map(({ name, about }) => `${name}, ${about}`).join("; ")}.`;
