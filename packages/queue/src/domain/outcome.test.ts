import { describe, expect, test } from "vitest";
import {
  Cancel,
  Fatal,
  JobCanceledError,
  JobTimeoutError,
  LeaseLostError,
  RetryLater,
  Snooze,
  WorkerStoppingError,
} from "../errors.ts";
import { DEFAULT_BACKOFF } from "./backoff.ts";
import { decideOutcome, type RunFacts } from "./outcome.ts";

const job = {
  id: "j",
  queue: "q",
  type: "t",
  payload: {},
  leaseToken: 1,
  attempt: 1,
  maxAttempts: 3,
  crashes: 0,
};
const facts: RunFacts = {
  job,
  backoff: DEFAULT_BACKOFF,
  abortReason: undefined,
  completing: false,
  random: () => 0,
};
const returned = (value?: unknown) => ({ kind: "returned", value }) as const;
const threw = (error: unknown) => ({ kind: "threw", error }) as const;
const lost = new LeaseLostError("j");
const canceled = new JobCanceledError("j");
const stopping = new WorkerStoppingError();
const tooLate = new JobTimeoutError("j", 50);

describe("the outcome of a run", () => {
  test.each([
    ["returned nothing", returned(), {}, { kind: "complete", output: null }],
    ["returned null", returned(null), {}, { kind: "complete", output: "null" }],
    ["returned JSON", returned({ a: 1 }), {}, { kind: "complete", output: '{"a":1}' }],
    ["returned no JSON", returned(1n), {}, { kind: "fail" }],
    ["threw", threw(new Error("x")), {}, { kind: "retry", retryInMs: 5_000 }],
    ["threw at its last attempt", threw(1), { job: { ...job, attempt: 3 } }, { kind: "fail" }],
    ["threw Fatal", threw(new Fatal("x")), {}, { kind: "fail" }],
    ["threw RetryLater", threw(new RetryLater("x", { delayMs: 7.9 })), {}, { kind: "retry", retryInMs: 7 }],
    [
      "threw RetryLater at its last attempt",
      threw(new RetryLater("x", { delayMs: 7 })),
      { job: { ...job, attempt: 3 } },
      { kind: "fail" },
    ],
    ["threw Snooze", threw(new Snooze(7)), {}, { kind: "snooze", delayMs: 7 }],
    [
      "threw Snooze at its last attempt",
      threw(new Snooze(7)),
      { job: { ...job, attempt: 3 } },
      { kind: "snooze", delayMs: 7 },
    ],
    ["threw Snooze of no number", threw(new Snooze(Number.NaN)), {}, { kind: "snooze", delayMs: 0 }],
    ["threw Snooze of the past", threw(new Snooze(-1)), {}, { kind: "snooze", delayMs: 0 }],
    [
      "threw Snooze without end",
      threw(new Snooze(Number.POSITIVE_INFINITY)),
      {},
      { kind: "snooze", delayMs: 3_155_760_000_000 },
    ],
    ["threw Cancel", threw(new Cancel("x")), {}, { kind: "cancel" }],
    ["was canceled and threw", threw(canceled), { abortReason: canceled }, { kind: "cancel" }],
    ["was canceled and returned", returned(), { abortReason: canceled }, { kind: "complete" }],
    ["timed out", threw(tooLate), { abortReason: tooLate }, { kind: "retry" }],
    ["timed out and returned", returned(), { abortReason: tooLate }, { kind: "complete" }],
    ["was stopped and threw", threw(stopping), { abortReason: stopping }, { kind: "release" }],
    ["lost its lease and threw", threw(lost), { abortReason: lost }, { kind: "lost" }],
  ])("that %s", (_what, end, more, expected) => {
    expect(decideOutcome(end, { ...facts, ...more })).toMatchObject(expected);
  });

  test.each([
    ["returned", returned("x"), {}, { kind: "retry", error: expect.stringContaining("ROLLED_BACK") }],
    ["threw", threw(new Error("bank")), {}, { kind: "retry", error: expect.stringContaining("bank") }],
    ["threw Snooze", threw(new Snooze(7)), {}, { kind: "snooze" }],
    ["lost its lease", threw(lost), { abortReason: lost }, { kind: "lost" }],
  ])("that completed its job itself and %s is the database's to tell", (_what, end, more, otherwise) => {
    expect(decideOutcome(end, { ...facts, ...more, completing: true })).toMatchObject({
      kind: "verify",
      otherwise,
    });
  });
});
