// Preloaded into a measured process: writes its peak resident size in kilobytes where PEAK_MEMORY says.
import { writeFileSync } from "node:fs";

process.on("exit", () => writeFileSync(process.env.PEAK_MEMORY, String(process.resourceUsage().maxRSS)));
