/** An alert worker that has found nothing for this many ms falls asleep. */
const ALERT_MS = 20;

/** A sleeper that is woken this many times in a row, with no pause of `PAUSE_MS` between, stays awake. */
const WOKEN_MAX = 8;
const PAUSE_MS = 1;

/**
 * How a worker learns of jobs. While jobs keep coming, looking is cheaper than one notification for each commit. When
 * no jobs come, notifications are cheaper. All instants are the worker's monotonic ms.
 */
export type Alertness = Alert | Asleep;

/** Looks by itself. */
export interface Alert {
  kind: "alert";
  canBeNotified: boolean;
  /** When a claim last found jobs; without end in the past: never. */
  foundAt: number;
  /** Whether producers still believe that this worker sleeps. */
  isBelievedAsleep: boolean;
}

/** Waits to be notified. */
export interface Asleep {
  kind: "asleep";
  claimedAt: number;
  wokenInARow: number;
}

/** What a claim found. */
export interface ClaimResult {
  found: number;
  /** Whether it may have left some. */
  isFull: boolean;
  now: number;
}

/** What to do after a claim: claim again at once, soon, or when notified or at the poll. */
export type NextClaim = "at-once" | "soon" | "later";

/** Looks by itself, and has found nothing yet. */
export function alert(canBeNotified: boolean): Alert {
  return { kind: "alert", canBeNotified, foundAt: Number.NEGATIVE_INFINITY, isBelievedAsleep: false };
}

/** How alert a worker is after a claim. */
export function alertnessAfter(before: Alertness, result: ClaimResult): Alertness {
  return before.kind === "alert" ? alertAfter(before, result) : asleepAfter(before, result);
}

/** When a worker that is now so alert claims again. */
export function nextClaim(alertness: Alertness, { isFull, now }: ClaimResult): NextClaim {
  if (isFull) return "at-once";
  return alertness.kind === "alert" && now - alertness.foundAt < ALERT_MS ? "soon" : "later";
}

function alertAfter(before: Alert, { found, isFull, now }: ClaimResult): Alertness {
  if (found > 0) return { ...before, foundAt: now };
  const isOver = !isFull && now - before.foundAt >= ALERT_MS;
  return isOver && before.canBeNotified ? { kind: "asleep", claimedAt: now, wokenInARow: 0 } : before;
}

function asleepAfter({ claimedAt, wokenInARow }: Asleep, { found, now }: ClaimResult): Alertness {
  if (found === 0) return { kind: "asleep", claimedAt: now, wokenInARow };
  const inARow = now - claimedAt <= PAUSE_MS ? wokenInARow + 1 : 0;
  if (inARow < WOKEN_MAX) return { kind: "asleep", claimedAt: now, wokenInARow: inARow };
  return { kind: "alert", canBeNotified: true, foundAt: now, isBelievedAsleep: true };
}
