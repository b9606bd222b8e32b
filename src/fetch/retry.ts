/** How one attempt ended. */
export type Outcome =
  | { readonly kind: "answered"; readonly status: number; readonly retryAfter: string | undefined }
  /** The connection failed, was cut, or took too long. */
  | { readonly kind: "broken" };

/** What to do next: take the answer, try again after a while, or stop, and for how long to leave the host alone. */
export type Step =
  | { readonly kind: "take" }
  | { readonly kind: "again"; readonly milliseconds: number }
  | { readonly kind: "leave"; readonly until: Date }
  | { readonly kind: "give-up" };

/** Attempts in all. */
export const attempts = 4;
/** Longer than this nobody sits and waits: the command ends, and the next one knows. */
const longestWait = 60_000;
const hour = 3_600_000;

/**
 * The step after attempt number `attempt` (the first is 1). What may pass by itself is tried again after about 1, 2 and 4
 * seconds, each cut by chance to no less than half, so that machines that failed together do not come back together.
 * `random` is 0 to 1, exclusive.
 *
 * Sources: RFC 9110 sections 10.2.3 and 15.6; RFC 6585 section 4. Without Retry-After, 429 means an hour, as the Office
 * 365 web service counts its clients by the hour.
 */
export function nextStep(attempt: number, outcome: Outcome, now: Date, random: number): Step {
  const backOff = 1000 * 2 ** (attempt - 1) * (1 - random / 2);
  const tryAgain = (milliseconds: number): Step =>
    attempt < attempts ? { kind: "again", milliseconds } : { kind: "give-up" };
  if (outcome.kind === "broken") return tryAgain(backOff);

  const { status } = outcome;
  const asked = waitAsked(outcome.retryAfter, now);
  if (status === 429 || (status === 503 && asked !== undefined)) {
    const wait = asked ?? hour;
    if (wait > longestWait || attempt >= attempts) return { kind: "leave", until: new Date(now.getTime() + wait) };
    return tryAgain(Math.max(wait, backOff));
  }
  if (status === 408 || status >= 500) return tryAgain(backOff);
  return { kind: "take" };
}

/** Seconds or a date; undefined when it is neither. At most a day, whatever was asked. */
function waitAsked(retryAfter: string | undefined, now: Date): number | undefined {
  if (retryAfter === undefined) return undefined;
  const wait = /^\s*\d{1,9}\s*$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now.getTime();
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), 24 * hour);
}
