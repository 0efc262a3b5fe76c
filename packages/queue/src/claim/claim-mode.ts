import { type Alert, type Alertness, type Asleep, alert, alertnessAfter, nextClaim } from "./alertness.ts";

/*
 * What a claim loop does next. `*` means any mode, or any event that no row above names.
 *
 * - `full`: the claim may have left due jobs. `lanes follow`: other lanes have their turn after the lanes of the claim.
 * - `some`, `none`: whether claims found jobs.
 * - `notifiable`: the worker can be notified.
 * - `known awake`, `known asleep`: the worker's row tells producers so.
 *
 * mode                   event                                                   next mode              action
 * ---------------------  ------------------------------------------------------  ---------------------  -------------
 * claiming               nothing-wanted                                          waiting-for-slot       wait-for-slot
 * claiming               woken                                                   claiming, woken        nothing
 * claiming               failed, woken or not                                    database-away          wait-for-poll
 * claiming               claimed: not full, lanes follow                         claiming               claim
 * claiming, alert        claimed: full; known awake                              claiming               claim
 * claiming, alert        claimed: some in the last 20 ms; known awake            expecting-more         wait-a-little
 * claiming, alert        claimed: full, or some in the last 20 ms; known asleep  waking-up              write-awake
 * claiming, alert        claimed: none for 20 ms, notifiable; known awake        falling-asleep         write-asleep
 * claiming, alert        claimed: none for 20 ms, notifiable; known asleep       resting, asleep        rest
 * claiming, alert        claimed: none for 20 ms, not notifiable                 resting                rest
 * claiming, asleep       claimed: full, not the eighth in a row                  claiming               claim
 * claiming, asleep       claimed: not full, not the eighth in a row              resting                rest
 * claiming, asleep       claimed: some, the eighth in a row                      waking-up              write-awake
 * claiming, woken        claimed: where a row above would wait or rest           claiming               claim
 * falling-asleep         woken                                                   falling-asleep, woken  nothing
 * falling-asleep         written                                                 resting, asleep        rest
 * falling-asleep         not-written                                             resting, alert         rest
 * falling-asleep, woken  written or not-written                                  claiming               claim
 * waking-up              woken                                                   waking-up, woken       nothing
 * waking-up              written or not-written                                  expecting-more         wait-a-little
 * waking-up              written or not-written, after a full claim              claiming               claim
 * waking-up, woken       written or not-written                                  claiming               claim
 * waiting-for-slot       slot-freed, woken, time-up                              claiming               claim
 * expecting-more         woken, time-up                                          claiming               claim
 * resting                woken, time-up                                          claiming               claim
 * database-away          woken, time-up                                          claiming               claim
 * stopped                *                                                       stopped                nothing
 * *                      stop                                                    stopped                nothing
 * *                      *                                                       the same mode          nothing
 */

/** What a claim loop is doing. A stopped loop ignores every event. */
export type ClaimMode = Claiming | FallingAsleep | WakingUp | Waiting | { kind: "stopped" };

/** A claim is under way. */
export interface Claiming {
  kind: "claiming";
  alertness: Alertness;
  /** Whether a notice came since the claim began. The claim may have been too early to see the job. */
  isWoken: boolean;
}

/** The worker is writing in its row that producers must notify it. */
interface FallingAsleep {
  kind: "falling-asleep";
  alertness: Asleep;
  /** Whether to claim again at once, because a notice came. */
  isWoken: boolean;
}

/** The worker is writing in its row that producers need not notify it. */
interface WakingUp {
  kind: "waking-up";
  alertness: Alert;
  /** Whether to claim again at once, because a notice came or the claim before was full. */
  isWoken: boolean;
}

/** Nothing is under way, and a timer runs. */
interface Waiting {
  /**
   * - `waiting-for-slot`: there may be due jobs, but no slot is free.
   * - `expecting-more`: claims found jobs a moment ago, and more may come.
   * - `resting`: no job is due.
   * - `database-away`: the last claim failed. The next claim waits for the poll, so as not to burden the database.
   */
  kind: "waiting-for-slot" | "expecting-more" | "resting" | "database-away";
  alertness: Alertness;
}

/** What happens to a claim loop. */
export type ClaimEvent =
  /**
   * `isFull`: the claim may have left due jobs. `lanesFollow`: other lanes have their turn after the lanes of the
   * claim.
   */
  | { kind: "claimed"; found: number; isFull: boolean; lanesFollow: boolean; now: number }
  /** No claim was sent, because there was no room for its jobs. */
  | { kind: "nothing-wanted" }
  /** The claim failed. */
  | { kind: "failed" }
  /** Whether the worker wrote into its row whether producers must notify it. */
  | { kind: "written" | "not-written" }
  /** A notice came. */
  | { kind: "woken" }
  /** A slot is free. */
  | { kind: "slot-freed" }
  /** The timer has run out. */
  | { kind: "time-up" }
  | { kind: "stop" };

/**
 * What to do on entering a mode.
 *
 * - `claim`: claim as many jobs as there is room for.
 * - `write-asleep`, `write-awake`: write whether producers must notify this worker.
 * - `wait-a-little`: set the timer to a few ms.
 * - `rest`: set the timer to the next look or scan that is due.
 * - `wait-for-poll`: set the timer to the poll.
 * - `wait-for-slot`: set the timer to the poll if no timer runs.
 */
export type ClaimAction =
  | "claim"
  | "write-asleep"
  | "write-awake"
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

/** The mode of a loop that starts: it claims. */
export function firstMode(canBeNotified: boolean): Claiming {
  return { kind: "claiming", alertness: alert(canBeNotified), isWoken: false };
}

/** The mode and the action that follow when an event happens in a mode. */
export function nextMode(mode: ClaimMode, event: ClaimEvent): ClaimStep {
  if (event.kind === "stop") return { mode: { kind: "stopped" }, action: "nothing" };
  switch (mode.kind) {
    case "claiming":
      return afterClaiming(mode, event);
    case "falling-asleep":
    case "waking-up":
      return afterWriting(mode, event);
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
  // Whether jobs are still due is known only after all lanes have had their turn.
  if (event.lanesFollow && !event.isFull) return claim(mode.alertness);
  const alertness = alertnessAfter(mode.alertness, event);
  const next = nextClaim(alertness, event);
  const isWoken = mode.isWoken || next === "at-once";
  if (alertness.kind === "alert" && alertness.isBelievedAsleep) {
    return { mode: { kind: "waking-up", alertness, isWoken }, action: "write-awake" };
  }
  if (alertness.kind === "asleep" && mode.alertness.kind === "alert" && !mode.alertness.isBelievedAsleep) {
    return { mode: { kind: "falling-asleep", alertness, isWoken }, action: "write-asleep" };
  }
  if (isWoken) return claim(alertness);
  return wait(next === "soon" ? "expecting-more" : "resting", alertness);
}

function afterWriting(mode: FallingAsleep | WakingUp, event: ClaimEvent): ClaimStep {
  switch (event.kind) {
    case "written":
    case "not-written": {
      const alertness =
        event.kind === "written" ? producersKnow(mode.alertness) : producersAreUnaware(mode.alertness);
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

/** After the write: producers know whether the worker sleeps. */
function producersKnow(alertness: Alertness): Alertness {
  return alertness.kind === "alert" ? { ...alertness, isBelievedAsleep: false } : alertness;
}

/**
 * After a failed write. A worker that wanted to sleep stays alert. A worker that woke up tries the write again after
 * its next claim, unless it falls asleep again.
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
