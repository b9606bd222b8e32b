import type { Format } from "./format.js";
import { concise } from "./concise.js";

/** In the order of help. */
export const formats: readonly Format[] = [concise];
