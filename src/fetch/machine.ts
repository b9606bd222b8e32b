import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Environment } from "./proxy.js";

/**
 * What a machine remembers between runs, and no repository: by which number the Office 365 web service knows it, what the
 * service said of its versions and when, and which hosts want to be left alone until when.
 */
export interface Machine {
  /** A GUID, one for each machine as the service asks. */
  readonly client: string;
  /** By service and instance. */
  readonly versions: Readonly<Record<string, { readonly version: string; readonly asked: string }>>;
  /** By host, each until when. */
  readonly heldOff: Readonly<Record<string, string>>;
}

/** The service wants to be asked for versions once an hour at most. */
const hour = 3_600_000;

/** The version that the machine knows already, if it was told within the hour. */
export function knownVersion(machine: Machine, key: string, now: Date): string | undefined {
  const known = Object.hasOwn(machine.versions, key) ? machine.versions[key] : undefined;
  if (known === undefined) return undefined;
  const age = now.getTime() - Date.parse(known.asked);
  return age >= 0 && age < hour ? known.version : undefined;
}

export function withVersion(machine: Machine, key: string, version: string, now: Date): Machine {
  return { ...machine, versions: { ...machine.versions, [key]: { version, asked: now.toISOString() } } };
}

export function heldOffUntil(machine: Machine, host: string): Date | undefined {
  return Object.hasOwn(machine.heldOff, host) ? new Date(machine.heldOff[host]!) : undefined;
}

export function withHeldOff(machine: Machine, host: string, until: Date): Machine {
  return { ...machine, heldOff: { ...machine.heldOff, [host]: until.toISOString() } };
}

/** The memory in a text; what is not one is forgotten, because nothing in it cannot be had again. */
export function readMachine(text: string | undefined, newClient: () => string): Machine {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    value = undefined;
  }
  const { client, versions, heldOff } = (isObject(value) ? value : {}) as Readonly<Record<string, unknown>>;
  return {
    client:
      typeof client === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(client) ? client : newClient(),
    versions: Object.fromEntries(
      Object.entries(isObject(versions) ? versions : {}).flatMap(([key, known]) =>
        isObject(known) && /^20\d{8}$/.test(String(known["version"])) && isTime(known["asked"])
          ? [[key, { version: String(known["version"]), asked: known["asked"] }]]
          : [],
      ),
    ),
    heldOff: Object.fromEntries(
      Object.entries(isObject(heldOff) ? heldOff : {}).flatMap(([host, until]) =>
        isTime(until) ? [[host, until]] : [],
      ),
    ),
  };
}

/**
 * The file of the memory; undefined where the machine has no folder for it.
 *
 * Source: XDG Base Directory Specification ("$XDG_STATE_HOME … must be absolute").
 */
export function machineFile(env: Environment, platform: NodeJS.Platform): string | undefined {
  if (platform === "win32") {
    const folder = env["LOCALAPPDATA"];
    return folder ? join(folder, "ringwall", "feeds.json") : undefined;
  }
  const state = env["XDG_STATE_HOME"];
  if (state?.startsWith("/")) return join(state, "ringwall", "feeds.json");
  const home = env["HOME"];
  return home?.startsWith("/") ? join(home, ".local", "state", "ringwall", "feeds.json") : undefined;
}

export function loadMachine(file: string | undefined): Machine {
  let text: string | undefined;
  try {
    text = file === undefined ? undefined : readFileSync(file, "utf8");
  } catch {
    // The first run, or a file that nobody can read: as good as none.
  }
  return readMachine(text, randomUUID);
}

/** Whether it could be kept. */
export function saveMachine(file: string | undefined, machine: Machine): boolean {
  if (file === undefined) return false;
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(temporary, `${JSON.stringify(machine, null, 2)}\n`, { mode: 0o600 });
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
    return true;
  } catch {
    return false;
  }
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
