import { dirname, relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../diagnostics/index.js";
import { diagnostic, hasErrors } from "../diagnostics/index.js";
import type { LockedFeed } from "../feeds/index.js";
import {
  cloudWords,
  digestProblem,
  filesOf,
  instanceWords,
  lockFileName,
  lockText,
  lockWith,
  lockedOtherwise,
  noLock,
} from "../feeds/index.js";
import type { Machine, Web } from "../fetch/index.js";
import {
  heldOffUntil,
  loadMachine,
  machineFile,
  openWeb,
  saveMachine,
  usualTimeouts,
  WrongProxy,
} from "../fetch/index.js";
import type { WebSettings } from "../fetch/index.js";
import type { FeedsUpdateReport, ReportedFeed } from "../report/index.js";
import { feedsUpdateText, jsonFeedsUpdate, renderDiagnostics, style } from "../report/index.js";
import type { Command, Given } from "./command.js";
import type { Update } from "./feed-update.js";
import { updateOf } from "./feed-update.js";
import { shownPath } from "./files.js";
import type { ExitCode, Io } from "./io.js";
import { exitCodes } from "./io.js";
import type { LockFile } from "./lock-file.js";
import { findLock, readLockFile, readerOfLock } from "./lock-file.js";
import { planOutput, writeOutput } from "./output.js";
import { summaries } from "./summaries.js";
import type { WantedUpdate } from "./wanted-feeds.js";
import { partOf, wantedUpdates } from "./wanted-feeds.js";

export const command: Command = {
  name: "feeds update",
  summary: summaries["feeds update"],
  description: `Fetches the newest Azure service tags or Office 365 endpoints and writes down, in ${lockFileName}, which bytes they
    were and where they came from. Feeds and lock belong into the repository: compile, and everything else that reads a
    policy, then takes no other bytes. Without an argument every feed of the lock is brought up to date.

    Nothing is replaced before what came was read as a feed of that cloud or instance, with strict addresses, and is no
    older than what is there. Feeds and lock are written together or not at all.

    HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are honoured. The Office 365 service is asked for its version once an
    hour at most, under a number that this machine keeps outside the repository.`,
  positionals: [
    {
      name: "feed",
      about: "azure or office365; by default every feed of the lock",
      required: false,
      complete: ["azure", "office365"],
    },
  ],
  options: [
    { name: "cloud", kind: "text", value: "CLOUD", choices: cloudWords, about: "which Azure cloud; public by default" },
    {
      name: "instance",
      kind: "text",
      value: "INSTANCE",
      choices: instanceWords,
      about: "which Office 365 instance; worldwide by default",
    },
    {
      name: "url",
      kind: "text",
      value: "URL",
      about: "fetch from here: a download page, a mirror of the file, or a mirror of the Office 365 service",
    },
    { name: "file", kind: "text", value: "FILE", about: "take this file, downloaded by hand, and fetch nothing" },
    {
      name: "lock",
      kind: "text",
      value: "FILE",
      about: `the lock file; by default ${lockFileName} here or in a folder above`,
    },
    {
      name: "dir",
      kind: "text",
      value: "DIR",
      about: "where a feed goes that is not in the lock yet; by default feeds beside the lock",
    },
    { name: "allow-older", kind: "flag", about: "take what was served even if it is older than what is there" },
    { name: "check", kind: "flag", about: "write nothing; exit 1 when there is something newer" },
    { name: "frozen", kind: "flag", about: "fetch and write nothing; exit 1 unless the files are those of the lock" },
    { name: "json", kind: "flag", about: "print the report as JSON (schemas/feeds-update-report.schema.json)" },
  ],
  examples: [
    { line: "ringwall feeds update azure", about: "the first time: adds the public cloud to the lock" },
    { line: "ringwall feeds update", about: "every feed of the lock" },
    { line: "ringwall feeds update --frozen", about: "in CI: are the feeds those of the lock?" },
    {
      line: "ringwall feeds update azure --file ServiceTags_Public_20261116.json",
      about: "without a way to the Internet",
    },
  ],
  run: (given, io) => runFeedsUpdate(given, io, theWorld),
};

/** What tests bring of their own: short times, and no waiting. */
export type World = Pick<WebSettings, "timeouts" | "wait" | "random">;

const theWorld: World = {
  timeouts: usualTimeouts,
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  random: Math.random,
};

export async function runFeedsUpdate(given: Given, io: Io, world: World): Promise<ExitCode> {
  const named = given.text("lock");
  const reading = named === undefined ? findLock(".", io.cwd) : readLockFile(named, io.cwd);
  const path = reading.kind === "found" ? reading.file.path : resolve(io.cwd, named ?? lockFileName);
  const shown = shownPath(io.cwd, path);
  if (reading.kind === "unusable") return refuse([reading.diagnostic], shown, given, io);
  const file = reading.kind === "found" ? reading.file : { path, folder: dirname(path), lock: noLock };

  const wanted = wantedUpdates(given, file, io.cwd);
  if (!wanted.ok) return refuse([wanted.diagnostic], shown, given, io);
  if (given.flag("frozen")) return checkFrozen(wanted.updates, file, shown, given, io);

  const memory = machineFile(io.env, process.platform);
  let machine = loadMachine(memory);
  const before = machine;
  const web = openedWeb(io, world, () => machine);
  if ("code" in web) return refuse([web], shown, given, io);
  const updates: Update[] = [];
  try {
    for (const one of wanted.updates) {
      const { update, machine: after } = await updateOf(one, {
        web,
        machine,
        file,
        io,
        allowOlder: given.flag("allow-older"),
      });
      updates.push(update);
      machine = after;
    }
  } finally {
    await web.close();
  }
  const forgotten = machine !== before && !saveMachine(memory, machine) ? [notKept()] : [];
  const diagnostics = [...updates.flatMap((one) => one.diagnostics), ...forgotten];
  if (hasErrors(diagnostics)) return refuse(diagnostics, shown, given, io);
  return write(updates, diagnostics, file, shown, given, io);
}

function openedWeb(io: Io, world: World, machine: () => Machine): Web | Diagnostic {
  try {
    return openWeb({
      ...world,
      env: io.env,
      now: () => io.now(),
      progress: (words) => {
        io.progress(words);
      },
      heldOff: (host) => heldOffUntil(machine(), host),
    });
  } catch (error) {
    if (!(error instanceof WrongProxy)) throw error;
    return diagnostic("RW1007", error.message, { help: "write it as http://proxy.example:3128" });
  }
}

function notKept(): Diagnostic {
  return diagnostic("RW5010", "this machine has no place to remember what it asked Office 365, and when", {
    help: "the service will see a new client the next time; let XDG_STATE_HOME name a folder that can be written",
  });
}

function write(
  updates: readonly Update[],
  diagnostics: readonly Diagnostic[],
  { folder, path, lock: before }: LockFile,
  shown: string,
  given: Given,
  io: Io,
): ExitCode {
  const changed = updates.filter(({ feed }) => feed.change !== "current");
  const lock = changed.reduce((all, { feed, locked }) => lockWith(all, feed.name, locked), before);
  const text = (name: string, content: string) => ({ path: name, text: content, executable: false });
  const files = [
    ...changed.flatMap((one) => one.files.map((file) => text(file.path, file.text))),
    // Last, so that a run that is killed leaves a lock that names the files before, and says so.
    ...(changed.length === 0 ? [] : [text(relative(folder, path).split(sep).join("/"), lockText(lock))]),
  ];
  const plan = planOutput(folder, files, [], io.cwd);
  if (!plan.ok) return refuse([...diagnostics, untouched(plan.diagnostic)], shown, given, io);
  const check = given.flag("check");
  const failed = check ? undefined : writeOutput(folder, plan.changes, io.cwd);
  if (failed !== undefined) return refuse([...diagnostics, untouched(failed)], shown, given, io);

  const outcome = check ? "checked" : changed.length === 0 ? "current" : "written";
  report({ lock: shown, outcome, feeds: updates.map((one) => one.feed), diagnostics }, given, io);
  return check && changed.length > 0 ? exitCodes.findings : exitCodes.done;
}

function untouched(problem: Diagnostic): Diagnostic {
  return { ...problem, help: "nothing was written" };
}

/** No network, no clock, nothing written: the same answer everywhere. */
function checkFrozen(wanted: readonly WantedUpdate[], file: LockFile, shown: string, given: Given, io: Io): ExitCode {
  const readFile = readerOfLock(file, io.cwd);
  const checked = wanted.map(({ name, held }): { feed: ReportedFeed; problems: readonly Diagnostic[] } => {
    const locked = held!;
    const problems = filesOf(locked).flatMap((one) => {
      const reading = readFile(one.file);
      if (!reading.ok) return reading.diagnostic;
      const { path } = reading.source;
      const problem = digestProblem(path, one, reading.sha256);
      // The changes say neither version nor instance.
      return problem ?? (one === locked ? lockedOtherwise(path, locked, reading) : undefined) ?? [];
    });
    return { feed: reportedAsLocked(name, locked, problems.length > 0, file, io), problems };
  });
  const diagnostics = checked.flatMap((one) => one.problems);
  report({ lock: shown, outcome: "frozen", feeds: checked.map((one) => one.feed), diagnostics }, given, io);
  return diagnostics.length > 0 ? exitCodes.findings : exitCodes.done;
}

function reportedAsLocked(
  name: string,
  locked: LockedFeed,
  differs: boolean,
  { folder }: LockFile,
  io: Io,
): ReportedFeed {
  return {
    name,
    kind: locked.kind,
    of: partOf(locked),
    change: differs ? "differs" : "same",
    version: locked.version,
    file: shownPath(io.cwd, resolve(folder, locked.file)),
  };
}

function refuse(diagnostics: readonly Diagnostic[], lock: string, given: Given, io: Io): ExitCode {
  report({ lock, outcome: "failed", feeds: [], diagnostics }, given, io);
  return exitCodes.usage;
}

function report(of: FeedsUpdateReport, given: Given, io: Io): void {
  if (given.flag("json")) {
    io.stdout.write(`${JSON.stringify(jsonFeedsUpdate(of), null, 2)}\n`);
    return;
  }
  if (of.diagnostics.length > 0) io.stderr.write(renderDiagnostics(of.diagnostics, style(io.stderr.colour)));
  if (of.outcome !== "failed") io.stdout.write(feedsUpdateText(of, style(io.stdout.colour)));
}
