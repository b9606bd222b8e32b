import { request } from "undici";
import type { Dispatcher } from "undici";
import type { Hosts } from "../feeds/index.js";
import { addressProblem, isEntityTag, plainAddress } from "../feeds/index.js";
import { tool } from "../library/tool.js";
import { bytesOf, TooLarge, UnknownEncoding } from "./body.js";
import { isLasting, whyBroken } from "./broken.js";
import type { Environment } from "./proxy.js";
import { connectionsBy } from "./proxy.js";
import { attempts, nextStep } from "./retry.js";
import type { Outcome } from "./retry.js";

/** The parts of the world that fetching needs; tests bring a clock and chance of their own, and short times. */
export interface WebSettings {
  readonly env: Environment;
  /** In milliseconds: until a connection stands, without a byte, and for one attempt as a whole. */
  readonly timeouts: { readonly connect: number; readonly idle: number; readonly total: number };
  now(): Date;
  wait(milliseconds: number): Promise<void>;
  /** 0 to 1, exclusive. */
  random(): number;
  progress(words: string): void;
  /** Until when a host has asked to be left alone. */
  heldOff(host: string): Date | undefined;
}

export const usualTimeouts: WebSettings["timeouts"] = { connect: 15_000, idle: 30_000, total: 300_000 };

export interface Ask {
  readonly url: URL;
  /** Of this address and of every one that it redirects to. */
  readonly hosts: Hosts;
  /** Of the answer, as served and unpacked. */
  readonly maxBytes: number;
  /** What is there already: the answer may be `unchanged`. */
  readonly etag?: string | undefined;
}

export type Answer =
  | { readonly kind: "body"; readonly url: URL; readonly bytes: Buffer; readonly type: string; readonly etag?: string }
  | { readonly kind: "unchanged"; readonly url: URL }
  /** The host wants to be left alone that long. */
  | { readonly kind: "later"; readonly host: string; readonly until: Date; readonly fresh: boolean }
  | { readonly kind: "failed"; readonly why: string };

export interface Web {
  /** Never throws for what a network does. */
  get(ask: Ask): Promise<Answer>;
  close(): Promise<void>;
}

/** Throws WrongProxy. */
export function openWeb(settings: WebSettings): Web {
  const dispatcher = connectionsBy(settings.env, settings.timeouts.connect);
  return {
    get: (ask) => get(ask, dispatcher, settings),
    close: () => dispatcher.destroy(),
  };
}

async function get(ask: Ask, dispatcher: Dispatcher, settings: WebSettings): Promise<Answer> {
  const heldOff = settings.heldOff(ask.url.host);
  if (heldOff !== undefined && settings.now() < heldOff)
    return { kind: "later", host: ask.url.host, until: heldOff, fresh: false };
  for (let number = 1; ; number++) {
    settings.progress(`asking ${ask.url.host}${number === 1 ? "" : ` (attempt ${number} of ${attempts})`}`);
    const attempt = await once(ask, dispatcher, settings);
    if (attempt.outcome === undefined) return attempt.answer;
    const step = nextStep(number, attempt.outcome, settings.now(), settings.random());
    switch (step.kind) {
      case "take":
      case "give-up":
        return attempt.answer;
      case "leave":
        // Of the host that was asked first: there the next run stops before it is led to a busy one.
        return { kind: "later", host: ask.url.host, until: step.until, fresh: true };
      case "again":
        await settings.wait(step.milliseconds);
    }
  }
}

/** `outcome` is absent when no other attempt could end better. */
interface Attempt {
  readonly answer: Answer;
  readonly outcome?: Outcome;
}

const mostRedirects = 5;

async function once(ask: Ask, dispatcher: Dispatcher, settings: WebSettings): Promise<Attempt> {
  const clock = timersOf(settings.timeouts);
  let { url } = ask;
  const failed = (why: string, outcome?: Outcome): Attempt => ({
    answer: { kind: "failed", why: `${plainAddress(url)}: ${why}` },
    ...(outcome !== undefined && { outcome }),
  });
  try {
    for (let redirects = 0; ; redirects++) {
      const problem = addressProblem(url, ask.hosts);
      if (problem !== undefined) return failed(problem);
      clock.touch();
      const { statusCode, headers, body } = await request(plainRequest(url), {
        dispatcher,
        headers: headersFor(url, ask),
        signal: clock.signal,
        // The timers here count in less than seconds.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      clock.touch();
      body.on("error", () => undefined); // an answer that nobody reads may break off
      const header = (name: string): string | undefined => [headers[name]].flat()[0];

      const location = header("location");
      if ([301, 302, 303, 307, 308].includes(statusCode) && location !== undefined) {
        body.destroy();
        if (!URL.canParse(location, url.href)) return failed("it redirects to what is no address");
        const next = new URL(location, url.href);
        const refused = addressProblem(next, ask.hosts);
        if (refused !== undefined) return failed(`it redirects to ${plainAddress(next)}: ${refused}`);
        if (redirects === mostRedirects) return failed(`it redirects more than ${mostRedirects} times`);
        url = next;
        continue;
      }
      if (statusCode === 304 && ask.etag !== undefined) {
        body.destroy();
        return { answer: { kind: "unchanged", url } };
      }
      if (statusCode !== 200) {
        body.destroy();
        const outcome: Outcome = { kind: "answered", status: statusCode, retryAfter: header("retry-after") };
        return failed(`it answers with status ${statusCode}`, outcome);
      }
      const announced = Number(header("content-length") ?? 0);
      if (announced > ask.maxBytes) {
        body.destroy();
        return failed(tooLarge(ask.maxBytes));
      }
      const bytes = await bytesOf(body, header("content-encoding"), ask.maxBytes, clock.touch);
      const etag = header("etag");
      return {
        answer: {
          kind: "body",
          url,
          bytes,
          type: (header("content-type") ?? "").split(";")[0]!.trim().toLowerCase(),
          ...(isEntityTag(etag) && { etag }),
        },
      };
    }
  } catch (error) {
    if (error instanceof TooLarge) return failed(tooLarge(ask.maxBytes));
    if (error instanceof UnknownEncoding) return failed(error.message);
    const why = clock.ranOut() ?? error;
    return failed(whyBroken(why), isLasting(why) ? undefined : { kind: "broken" });
  } finally {
    clock.stop();
  }
}

function tooLarge(maxBytes: number): string {
  return `it is larger than ${maxBytes / 2 ** 20} MiB, which no such file has ever been`;
}

/** undici takes no user and password in an address; they go into a header. */
function plainRequest(url: URL): URL {
  const plain = new URL(url);
  plain.username = "";
  plain.password = "";
  plain.hash = "";
  return plain;
}

function headersFor(url: URL, { etag }: Ask): Record<string, string> {
  const { name, version } = tool();
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    "user-agent": `${name}/${version}`,
    accept: "application/json, text/html;q=0.9, */*;q=0.5",
    "accept-encoding": "gzip, deflate, br",
    ...(etag !== undefined && { "if-none-match": etag }),
    ...(login !== ":" && { authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
  };
}

interface Timers {
  readonly signal: AbortSignal;
  /** Something has come, or something new begins. */
  touch(): void;
  /** Which time has run out. */
  ranOut(): Error | undefined;
  stop(): void;
}

function timersOf(timeouts: WebSettings["timeouts"]): Timers {
  const controller = new AbortController();
  let reason: Error | undefined;
  const end = (why: string) => () => {
    reason = new Error(why);
    controller.abort(reason);
  };
  const total = setTimeout(end(`it takes longer than ${timeouts.total / 1000} s`), timeouts.total);
  let idle: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    touch() {
      clearTimeout(idle);
      idle = setTimeout(end(`nothing came for ${timeouts.idle / 1000} s`), timeouts.idle);
    },
    ranOut: () => reason,
    stop() {
      clearTimeout(total);
      clearTimeout(idle);
    },
  };
}
