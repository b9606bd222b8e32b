import { chmodSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { Diagnostic, Fix, Source } from "../diagnostics/index.js";
import { diagnostic } from "../diagnostics/index.js";
import { readConfiguration } from "../jobs/configuration.js";
import type { Fixing } from "../lint/fixing.js";
import { fixConfiguration } from "../lint/fixing.js";
import type { Finding } from "../lint/index.js";
import type { Registry } from "../registry.js";
import type { DeviceFile, FoundDevice } from "./lint-devices.js";
import type { LintJob } from "./lint-job.js";

/** What mending one device would change. */
export interface DeviceFixes {
  readonly files: readonly FixedFile[];
  readonly applied: Fixing["applied"];
  /** Why others were not made. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface FixedFile {
  readonly file: DeviceFile;
  readonly text: string;
}

export interface FixRequest {
  readonly device: FoundDevice;
  readonly job: LintJob;
  readonly findings: readonly Finding[];
  readonly unsafe: boolean;
  readonly registry: Registry;
}

/** Works out what mending a device's findings makes of its files. Nothing is written. */
export async function fixDevice(request: FixRequest): Promise<DeviceFixes> {
  const { device, job, findings, unsafe, registry } = request;
  const { vendor } = await registry.load(job.vendor);
  const read = (sources: readonly Source[]) => {
    const reading = readConfiguration(sources, [vendor], { vendor: job.vendor, sidesFor: () => job.sides });
    return reading.ok ? reading.configuration : undefined;
  };
  const configuration = read(device.files.map((file) => file.source));
  if (configuration === undefined) return { files: [], applied: [], diagnostics: [] };
  const { texts, applied, refused } = fixConfiguration(configuration, findings.map(withLineEnds), {
    unsafe,
    reread: read,
  });
  return {
    files: device.files.flatMap((file, index) => {
      const text = texts[index]!;
      return text === file.source.text ? [] : [{ file, text }];
    }),
    applied,
    diagnostics: refused.map(({ finding, why }) =>
      diagnostic("RW1014", `${finding.code} is not mended, because ${why}: ${finding.message}`, {
        primary: finding.primary,
      }),
    ),
  };
}

/** What a fix puts in gets the line ends of the text that it goes into. */
function withLineEnds(finding: Finding): Finding {
  const adapted = ({ title, edits }: Fix): Fix => ({
    title,
    edits: edits.map((edit) =>
      /\r\n/.test(edit.span.source.text) ? { ...edit, text: edit.text.replace(/\r?\n/g, "\r\n") } : edit,
    ),
  });
  return {
    ...finding,
    ...(finding.fix !== undefined && { fix: adapted(finding.fix) }),
    ...(finding.unsafeFix !== undefined && { unsafeFix: adapted(finding.unsafeFix) }),
  };
}

/** Writes the files, all or none. Undefined when it is done. */
export function writeFixes(files: readonly FixedFile[]): Diagnostic | undefined {
  const prepared: { readonly place: string; readonly temporary: string; readonly before: Buffer }[] = [];
  const done: typeof prepared = [];
  try {
    for (const { file, text } of files) {
      const place = realpathSync(file.path!);
      const before = readFileSync(place);
      if (!Buffer.from(file.source.text).equals(before)) {
        return diagnostic(
          "RW1009",
          `cannot write ${file.source.path}: it is not plain UTF-8, and would not stay as it is`,
        );
      }
      const temporary = `${place}.ringwall-${process.pid}.tmp`;
      prepared.push({ place, temporary, before });
      writeFileSync(temporary, text, { flag: "wx" });
      chmodSync(temporary, statSync(place).mode);
    }
    for (const one of prepared) {
      renameSync(one.temporary, one.place);
      done.push(one);
    }
    return undefined;
  } catch (error) {
    for (const { place, before } of done) writeFileSync(place, before);
    return diagnostic("RW1009", `cannot write the mended files: ${(error as Error).message}`, {
      help: "all files are as they were",
    });
  } finally {
    for (const { temporary } of prepared) rmSync(temporary, { force: true });
  }
}
