import { azure } from "./azure.js";
import { checkstyle } from "./checkstyle.js";
import { concise } from "./concise.js";
import type { Format } from "./format.js";
import { github } from "./github.js";
import { gitlab } from "./gitlab.js";
import { json } from "./json.js";
import { junit } from "./junit.js";
import { markdown } from "./markdown.js";
import { rdjson } from "./rdjson.js";
import { sarif } from "./sarif.js";
import { text } from "./text.js";

/** In the order of help. */
export const formats: readonly Format[] = [
  text,
  concise,
  json,
  sarif,
  github,
  markdown,
  gitlab,
  junit,
  azure,
  rdjson,
  checkstyle,
];
