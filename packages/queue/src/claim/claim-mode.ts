import { type Alert, type Alertness, type Asleep, alert, alertnessAfter, nextClaim } from "./alertness.ts";

/*
 * What a claim loop does next. A star stands for any mode, or for any event that no row above names. `believed awake`
 * and `believed asleep`: what producers believe of this worker.
 *
 * mode              event                                                      next mode         action
 * ----------------  ---------------------------------------------------------  ----------------  -------------
 * claiming          nothing-wanted                                             waiting-for-slot  wait-for-slot
 * claiming          woken                                                      claiming, woken   nothing
 * claiming          failed, woken or not                                       database-away     wait-for-poll
 * claiming          claimed: all there was, lanes follow                       claiming          claim
 * claiming, alert   claimed: it was full; believed awake                       claiming          claim
 * claiming, alert   claimed some, or some in the last 20 ms; believed awake    expecting-more    wait-a-little
 * claiming, alert   either of these two; believed asleep                       waking-up         say-awake
 * claiming, alert   claimed none for 20 ms, can be notified; believed awake    falling-asleep    say-asleep
 * claiming, alert   claimed none for 20 ms, can be notified; believed asleep   resting, asleep   rest
 * claiming, alert   claimed none for 20 ms, can't be notified                  resting           rest
 * claiming, asleep  claimed: it was full, not the eighth in a row              claiming          claim
 * claiming, asleep  claimed: it was not full, not the eighth in a row          resting           rest
 * claiming, asleep  claimed some the eighth time in a row                      waking-up         say-awake
 * claiming, woken   claimed, where it would wait or rest                       claiming          claim
 * falling-asleep    woken                                                      the same, woken   nothing
 * falling-asleep    said                                                       resting, asleep   rest
 * falling-asleep    could-not-say                                              resting, alert    rest
 * waking-up         woken                                                      the same, woken   nothing
 * waking-up         said                                                       expecting-more    wait-a-little
 * waking-up         could-not-say                                              expecting-more    wait-a-little
 * either, woken     said or could-not-say                                      claiming          claim
 * waking-up         the same, the claim before was full                        claiming          claim
 * waiting-for-slot  slot-freed, woken, time-up                                 claiming          claim
 * expecting-more    woken, time-up                                             claiming          claim
 * resting           woken, time-up                                             claiming          claim
 * database-away     woken, time-up                                             claiming          claim
 * stopped           *                                                          stopped           nothing
 * *                 stop                                                       stopped           nothing
 * *                 *                                                          the same          nothing
 */

/** What a claim loop is doing; once stopped, it does nothing, whatever comes. */
export type ClaimMode = Claiming | FallingAsleep | WakingUp | Waiting | { kind: "stopped" };

/** A claim is under way. */
export interface Claiming {
  kind: "claiming";
  alertness: Alertness;
  /** Whether someone enqueued since the claim began, which may be too early to see that job. */
  isWoken: boolean;
}

/** The worker is writing that producers must notify it. */
interface FallingAsleep {
  kind: "falling-asleep";
  alertness: Asleep;
  isWoken: boolean;
}

/** The worker is writing that it looks by itself. */
interface WakingUp {
  kind: "waking-up";
  alertness: Alert;
  /** Whether to claim again at once: someone enqueued, or the claim before was full. */
  isWoken: boolean;
}

/** Nothing is under way, and a timer runs. */
interface Waiting {
  /**
   * `waiting-for-slot`: there may be jobs, and no room for them. `expecting-more`: jobs came just now, and more may
   * come. `resting`: all that is due was claimed. `database-away`: the database failed, and is not asked in a tight
   * loop.
   */
  kind: "waiting-for-slot" | "expecting-more" | "resting" | "database-away";
  alertness: Alertness;
}

/** What happens to a claim loop. */
export type ClaimEvent =
  /** `isFull`: it may have left some. `lanesFollow`: there are lanes whose turn comes after those of this claim. */
  | { kind: "claimed"; found: number; isFull: boolean; lanesFollow: boolean; now: number }
  /** No claim was sent, because there was no room for its jobs. */
  | { kind: "nothing-wanted" }
  | { kind: "failed" }
  | { kind: "said" | "could-not-say" }
  /** Someone enqueued. */
  | { kind: "woken" }
  /** There is room for jobs. */
  | { kind: "slot-freed" }
  | { kind: "time-up" }
  | { kind: "stop" };

/**
 * What to do on entering a mode. `claim` claims the jobs that are wanted. `say-asleep` and `say-awake` write whether
 * producers must notify this worker. The other actions set the timer: `wait-a-little` to some ms, `rest` until a look
 * or a scan is due, `wait-for-poll` to the poll, and `wait-for-slot` to the poll if no timer runs.
 */
export type ClaimAction =
  | "claim"
  | "say-asleep"
  | "say-awake"
  | "wait-a-little"
  | "rest"
  | "wait-for-slot"
  | "wait-for-poll"
  | "nothing";

/** A mode, and what to do on entering it. */
export interface ClaimStep {
  mode: ClaimMode;
  action: ClaimAction;
}

/** A loop begins with a claim. */
export function firstMode(canBeNotified: boolean): Claiming {
  return { kind: "claiming", alertness: alert(canBeNotified), isWoken: false };
}

/** What follows in a mode when something happens. */
export function nextMode(mode: ClaimMode, event: ClaimEvent): ClaimStep {
  if (event.kind === "stop") return { mode: { kind: "stopped" }, action: "nothing" };
  switch (mode.kind) {
    case "claiming":
      return afterClaiming(mode, event);
    case "falling-asleep":
    case "waking-up":
      return afterSaying(mode, event);
    case "waiting-for-slot":
    case "expecting-more":
    case "resting":
    case "database-away":
      return afterWaiting(mode, event);
    case "stopped":
      return { mode, action: "nothing" };
  }
}

function afterClaiming(mode: Claiming, event: ClaimEvent): ClaimStep {
  const { alertness } = mode;
  switch (event.kind) {
    case "claimed":
      return afterClaim(mode, event);
    case "nothing-wanted":
      return wait("waiting-for-slot", alertness);
    case "failed":
      return wait("database-away", alertness);
    case "woken":
      return { mode: mode.isWoken ? mode : { ...mode, isWoken: true }, action: "nothing" };
    default:
      return { mode, action: "nothing" };
  }
}

function afterClaim(mode: Claiming, event: ClaimEvent & { kind: "claimed" }): ClaimStep {
  // Only when all lanes have had their turn is it known how much there was.
  if (event.lanesFollow && !event.isFull) return claim(mode.alertness);
  const alertness = alertnessAfter(mode.alertness, event);
  const next = nextClaim(alertness, event);
  const isWoken = mode.isWoken || next === "at-once";
  if (alertness.kind === "alert" && alertness.isBelievedAsleep) {
    return { mode: { kind: "waking-up", alertness, isWoken }, action: "say-awake" };
  }
  if (alertness.kind === "asleep" && mode.alertness.kind === "alert" && !mode.alertness.isBelievedAsleep) {
    return { mode: { kind: "falling-asleep", alertness, isWoken }, action: "say-asleep" };
  }
  if (isWoken) return claim(alertness);
  return wait(next === "soon" ? "expecting-more" : "resting", alertness);
}

function afterSaying(mode: FallingAsleep | WakingUp, event: ClaimEvent): ClaimStep {
  switch (event.kind) {
    case "said":
    case "could-not-say": {
      const alertness =
        event.kind === "said" ? producersKnow(mode.alertness) : producersAreUnaware(mode.alertness);
      if (mode.isWoken) return claim(alertness);
      return wait(mode.kind === "waking-up" ? "expecting-more" : "resting", alertness);
    }
    case "woken":
      return { mode: mode.isWoken ? mode : { ...mode, isWoken: true }, action: "nothing" };
    default:
      return { mode, action: "nothing" };
  }
}

function afterWaiting(mode: Waiting, { kind }: ClaimEvent): ClaimStep {
  const isDue =
    kind === "woken" || kind === "time-up" || (kind === "slot-freed" && mode.kind === "waiting-for-slot");
  return isDue ? claim(mode.alertness) : { mode, action: "nothing" };
}

/** Producers know how alert the worker is. */
function producersKnow(alertness: Alertness): Alertness {
  return alertness.kind === "alert" ? { ...alertness, isBelievedAsleep: false } : alertness;
}

/**
 * The write failed, so producers do not know. A worker that wanted to sleep stays alert. A worker that woke up tries
 * the write again after its next claim, unless it falls asleep again.
 */
function producersAreUnaware(alertness: Alertness): Alertness {
  return alertness.kind === "alert" ? alertness : alert(true);
}

function claim(alertness: Alertness): ClaimStep {
  return { mode: { kind: "claiming", alertness, isWoken: false }, action: "claim" };
}

const WAIT = {
  "waiting-for-slot": "wait-for-slot",
  "expecting-more": "wait-a-little",
  resting: "rest",
  "database-away": "wait-for-poll",
} as const;

function wait(kind: Waiting["kind"], alertness: Alertness): ClaimStep {
  return { mode: { kind, alertness }, action: WAIT[kind] };
}
