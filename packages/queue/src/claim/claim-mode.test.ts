import { describe, expect, test } from "vitest";
import type { Alert, Asleep } from "./alertness.ts";
import { type ClaimEvent, type ClaimMode, type ClaimStep, firstMode, nextMode } from "./claim-mode.ts";

const NOW = 1_000;
/** Found jobs just now; long ago. */
const busy: Alert = { kind: "alert", canBeNotified: true, foundAt: NOW - 1, isBelievedAsleep: false };
const idle: Alert = { ...busy, foundAt: NOW - 20 };
const believed = { ...busy, isBelievedAsleep: true };
const asleep: Asleep = { kind: "asleep", claimedAt: NOW - 1, wokenInARow: 3 };
const awakeSoon: Asleep = { ...asleep, wokenInARow: 7 };
const neverFound: Alert = { ...busy, foundAt: Number.NEGATIVE_INFINITY };

const claiming = (alertness: Alert | Asleep, isWoken = false): ClaimMode => ({
  kind: "claiming",
  alertness,
  isWoken,
});
const waiting = (
  kind: "waiting-for-slot" | "expecting-more" | "resting" | "database-away",
  alertness: Alert | Asleep,
): ClaimMode => ({ kind, alertness });
const fallingAsleep = (isWoken = false): ClaimMode => ({
  kind: "falling-asleep",
  alertness: asleep,
  isWoken,
});
const wakingUp = (isWoken = false): ClaimMode => ({ kind: "waking-up", alertness: believed, isWoken });
const stopped: ClaimMode = { kind: "stopped" };

const claimed = (found: number, more: { isFull?: boolean; lanesFollow?: boolean } = {}): ClaimEvent => ({
  kind: "claimed",
  found,
  isFull: false,
  lanesFollow: false,
  now: NOW,
  ...more,
});
const full = claimed(10, { isFull: true });
const on = (kind: Exclude<ClaimEvent["kind"], "claimed">): ClaimEvent => ({ kind });

/** The alertness after a claim that found jobs, and after one that found none or was made asleep. */
const found: Alert = { ...busy, foundAt: NOW };
const fellAsleep: Asleep = { kind: "asleep", claimedAt: NOW, wokenInARow: 0 };
const slept: Asleep = { ...asleep, claimedAt: NOW };
const wokenAgain: Asleep = { ...slept, wokenInARow: 4 };

const claims = (alertness: Alert | Asleep): ClaimStep => ({ mode: claiming(alertness), action: "claim" });
const waitsALittle = (alertness: Alert): ClaimStep => ({
  mode: waiting("expecting-more", alertness),
  action: "wait-a-little",
});
const rests = (alertness: Alert | Asleep): ClaimStep => ({
  mode: waiting("resting", alertness),
  action: "rest",
});
const waitsForSlot = (alertness: Alert): ClaimStep => ({
  mode: waiting("waiting-for-slot", alertness),
  action: "wait-for-slot",
});
const waitsForPoll = (alertness: Alert | Asleep): ClaimStep => ({
  mode: waiting("database-away", alertness),
  action: "wait-for-poll",
});
const writesAsleep = (isWoken: boolean): ClaimStep => ({
  mode: { kind: "falling-asleep", alertness: fellAsleep, isWoken },
  action: "write-asleep",
});
const writesAwake = (isWoken: boolean): ClaimStep => ({
  mode: { kind: "waking-up", alertness: { ...believed, foundAt: NOW }, isWoken },
  action: "write-awake",
});
const stays = (mode: ClaimMode): ClaimStep => ({ mode, action: "nothing" });

type Row = [row: string, mode: ClaimMode, event: ClaimEvent, next: ClaimStep];

const CLAIMING: Row[] = [
  ["waits for a slot when nothing is wanted", claiming(busy), on("nothing-wanted"), waitsForSlot(busy)],
  ["notes that it was woken", claiming(busy), on("woken"), stays(claiming(busy, true))],
  ["waits for the poll when it failed", claiming(busy), on("failed"), waitsForPoll(busy)],
  [
    "waits for the poll when it failed, although woken",
    claiming(asleep, true),
    on("failed"),
    waitsForPoll(asleep),
  ],
  ["goes on with the lanes that follow", claiming(idle), claimed(0, { lanesFollow: true }), claims(idle)],
  [
    "goes on with the lanes that follow, although asleep",
    claiming(awakeSoon),
    claimed(1, { lanesFollow: true }),
    claims(awakeSoon),
  ],
  ["claims again when the claim was full", claiming(idle), full, claims(found)],
  [
    "claims the first lanes again when the claim was full",
    claiming(idle),
    claimed(10, { isFull: true, lanesFollow: true }),
    claims(found),
  ],
  ["waits a little when it found some", claiming(idle), claimed(1), waitsALittle(found)],
  [
    "waits a little when it found some in the last 20 ms",
    claiming({ ...busy, foundAt: NOW - 19 }),
    claimed(0),
    waitsALittle({ ...busy, foundAt: NOW - 19 }),
  ],
  ["falls asleep when it found none for 20 ms", claiming(idle), claimed(0), writesAsleep(false)],
  [
    "falls asleep although woken, for that may be of an earlier job",
    claiming(idle, true),
    claimed(0),
    writesAsleep(true),
  ],
  [
    "does not write again that it sleeps when producers believe so",
    claiming({ ...idle, isBelievedAsleep: true }),
    claimed(0),
    rests(fellAsleep),
  ],
  [
    "rests when it found none for 20 ms and cannot be notified",
    claiming({ ...idle, canBeNotified: false }),
    claimed(0),
    rests({ ...idle, canBeNotified: false }),
  ],
  [
    "writes that it is awake when producers believe it asleep",
    claiming(believed),
    claimed(1),
    writesAwake(false),
  ],
  ["claims again when a sleeper's claim was full", claiming(asleep), full, claims(wokenAgain)],
  ["rests when a sleeper found a few", claiming(asleep), claimed(1), rests(wokenAgain)],
  ["rests when a sleeper found none", claiming(asleep), claimed(0), rests(slept)],
  [
    "wakes up when a sleeper found some the eighth time in a row",
    claiming(awakeSoon),
    claimed(1),
    writesAwake(false),
  ],
  ["wakes up and claims again when the eighth claim was full", claiming(awakeSoon), full, writesAwake(true)],
  ["claims again instead of waiting when it was woken", claiming(busy, true), claimed(0), claims(busy)],
  ["claims again instead of resting when it was woken", claiming(asleep, true), claimed(0), claims(slept)],
  ["lets a freed slot wait for the claim under way", claiming(busy), on("slot-freed"), stays(claiming(busy))],
];

const SAYING: Row[] = [
  ["that it sleeps: it notes that it was woken", fallingAsleep(), on("woken"), stays(fallingAsleep(true))],
  ["that it sleeps: it rests when producers know", fallingAsleep(), on("written"), rests(asleep)],
  [
    "that it sleeps: it looks by itself, later, when they could not be told",
    fallingAsleep(),
    on("not-written"),
    rests(neverFound),
  ],
  [
    "that it sleeps: it claims when they know and it was woken",
    fallingAsleep(true),
    on("written"),
    claims(asleep),
  ],
  [
    "that it sleeps: it claims when they could not be told and it was woken",
    fallingAsleep(true),
    on("not-written"),
    claims(neverFound),
  ],
  ["that it sleeps: it lets a freed slot wait", fallingAsleep(), on("slot-freed"), stays(fallingAsleep())],
  ["that it is awake: it notes that it was woken", wakingUp(), on("woken"), stays(wakingUp(true))],
  ["that it is awake: it waits a little when producers know", wakingUp(), on("written"), waitsALittle(busy)],
  [
    "that it is awake: it waits a little when they could not be told, and tells them later",
    wakingUp(),
    on("not-written"),
    waitsALittle(believed),
  ],
  [
    "that it is awake: it claims when they know and there is more",
    wakingUp(true),
    on("written"),
    claims(busy),
  ],
  [
    "that it is awake: it claims when they could not be told and there is more",
    wakingUp(true),
    on("not-written"),
    claims(believed),
  ],
  ["that it is awake: it lets a freed slot wait", wakingUp(), on("slot-freed"), stays(wakingUp())],
];

const WAITING: Row[] = [
  [
    "for a slot: a freed one makes it claim",
    waiting("waiting-for-slot", busy),
    on("slot-freed"),
    claims(busy),
  ],
  [
    "expecting-more: a freed slot changes nothing",
    waiting("expecting-more", busy),
    on("slot-freed"),
    stays(waiting("expecting-more", busy)),
  ],
  [
    "resting: a freed slot changes nothing",
    waiting("resting", asleep),
    on("slot-freed"),
    stays(waiting("resting", asleep)),
  ],
  [
    "database-away: a freed slot changes nothing",
    waiting("database-away", busy),
    on("slot-freed"),
    stays(waiting("database-away", busy)),
  ],
];
for (const kind of ["waiting-for-slot", "expecting-more", "resting", "database-away"] as const) {
  WAITING.push(
    [`${kind}: a wake-up makes it claim`, waiting(kind, asleep), on("woken"), claims(asleep)],
    [`${kind}: the timer makes it claim`, waiting(kind, asleep), on("time-up"), claims(asleep)],
  );
}

const MODES = [
  claiming(busy),
  fallingAsleep(),
  wakingUp(),
  ...(["waiting-for-slot", "expecting-more", "resting", "database-away"] as const).map((kind) =>
    waiting(kind, busy),
  ),
];
const STOPPING: Row[] = MODES.map((mode) => [
  `stops when it is ${mode.kind}`,
  mode,
  on("stop"),
  stays(stopped),
]);
for (const event of [
  full,
  ...(["failed", "written", "woken", "slot-freed", "time-up", "stop"] as const).map(on),
]) {
  STOPPING.push([`stays stopped when it is ${event.kind}`, stopped, event, stays(stopped)]);
}

describe("a loop that claims", () => {
  test.each(CLAIMING)("%s", (_row, mode, event, next) => {
    expect(nextMode(mode, event)).toEqual(next);
  });
});

describe("a loop that tells producers", () => {
  test.each(SAYING)("%s", (_row, mode, event, next) => {
    expect(nextMode(mode, event)).toEqual(next);
  });
});

describe("a loop that waits", () => {
  test.each(WAITING)("%s", (_row, mode, event, next) => {
    expect(nextMode(mode, event)).toEqual(next);
  });
});

describe("a loop that is told to stop", () => {
  test.each(STOPPING)("%s", (_row, mode, event, next) => {
    expect(nextMode(mode, event)).toEqual(next);
  });
});

test("a loop begins with a claim, and falls asleep if that finds nothing", () => {
  expect(nextMode(firstMode(true), claimed(0)).action).toBe("write-asleep");
  expect(nextMode(firstMode(false), claimed(0)).action).toBe("rest");
});

test("what a mode does not wait for changes nothing, and makes no new mode", () => {
  const mode = waiting("resting", asleep);

  expect(nextMode(mode, on("slot-freed")).mode).toBe(mode);
  expect(nextMode(mode, on("written")).mode).toBe(mode);
});
