/** An alert worker that has found nothing for this many ms falls asleep. */
const ALERT_MS = 20;

/** A sleeper becomes alert when this many claims in a row find jobs, each at most `PAUSE_MS` after the claim before. */
const WOKEN_MAX = 8;
const PAUSE_MS = 1;

/**
 * How a worker learns of due jobs. An alert worker claims by itself: while jobs keep coming, this is cheaper than one
 * notice for each commit. A sleeper waits for notices, which are cheaper when no jobs come. All instants are the
 * worker's monotonic ms.
 */
export type Alertness = Alert | Asleep;

/** The worker claims again without a notice. */
export interface Alert {
  kind: "alert";
  canBeNotified: boolean;
  /** When a claim last found jobs; `-Infinity` if no claim has. */
  foundAt: number;
  /** Whether the worker's row still tells producers to notify this worker. */
  isBelievedAsleep: boolean;
}

/** The worker claims again when a notice comes, or at the poll. */
export interface Asleep {
  kind: "asleep";
  /** When the last claim was answered. */
  claimedAt: number;
  /** How many claims in a row found jobs, each at most `PAUSE_MS` after the claim before. */
  wokenInARow: number;
}

/** What a claim found. */
export interface ClaimResult {
  found: number;
  /** Whether the claim may have left due jobs. */
  isFull: boolean;
  now: number;
}

/** When to claim again: at once, soon, or at the next notice or poll. */
export type NextClaim = "at-once" | "soon" | "later";

/** A worker that is alert and has found no job yet. */
export function alert(canBeNotified: boolean): Alert {
  return { kind: "alert", canBeNotified, foundAt: Number.NEGATIVE_INFINITY, isBelievedAsleep: false };
}

/** How alert a worker is after a claim. */
export function alertnessAfter(before: Alertness, result: ClaimResult): Alertness {
  return before.kind === "alert" ? alertAfter(before, result) : asleepAfter(before, result);
}

/** When to claim again, by the worker's alertness after the claim. */
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
