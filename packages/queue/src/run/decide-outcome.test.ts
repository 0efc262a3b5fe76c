import { inspect } from "node:util";
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
import { DEFAULT_BACKOFF } from "../task/backoff.ts";
import { decideOutcome, type RunFacts } from "./decide-outcome.ts";

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
  backoff: () => DEFAULT_BACKOFF,
  abortReason: undefined,
  hasCompleted: false,
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
    [
      "threw Snooze of no number",
      threw(Object.assign(new Snooze(7), { delayMs: Number.NaN })),
      {},
      { kind: "snooze", delayMs: 0 },
    ],
    ["threw Snooze of the past", threw(new Snooze(-1)), {}, { kind: "snooze", delayMs: 0 }],
    [
      "threw Snooze without end",
      threw(new Snooze(Number.POSITIVE_INFINITY)),
      {},
      { kind: "snooze", delayMs: 3_155_760_000_000 },
    ],
    ["threw Cancel", threw(new Cancel("x")), {}, { kind: "cancel", requested: false }],
    [
      "was canceled and threw",
      threw(canceled),
      { abortReason: canceled },
      { kind: "cancel", requested: true },
    ],
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
    expect(decideOutcome(end, { ...facts, ...more, hasCompleted: true })).toMatchObject({
      kind: "verify",
      otherwise,
    });
  });
});

/** What cannot even be asked what it is: immer's drafts are such after their recipe. */
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const refuse = () => {
  throw new Error("refused");
};

/** An error, one of whose members throws when it is read. */
function errorThatRefuses(member: string, error: Error = new Error("x")): Error {
  return Object.defineProperty(error, member, { get: refuse });
}

describe("whatever a handler throws", () => {
  const cannotBeDescribed = expect.stringContaining("cannot be described");
  test.each([
    ["a revoked proxy", revoked(), { kind: "retry", error: cannotBeDescribed }],
    ["a proxy that refuses", new Proxy({}, { getPrototypeOf: refuse }), { kind: "retry" }],
    ["undefined", undefined, { kind: "retry", error: "undefined" }],
    ["a symbol", Symbol("s"), { kind: "retry", error: "Symbol(s)" }],
    ["an object without a prototype", Object.create(null), { kind: "retry" }],
    ["an object that does not inspect", { [inspect.custom]: refuse }, { kind: "retry", error: "{}" }],
    ["an error without a message", errorThatRefuses("message"), { kind: "retry", error: cannotBeDescribed }],
    ["an error without a stack", errorThatRefuses("stack"), { kind: "retry", error: "Error: x" }],
    ["an error without a cause", errorThatRefuses("cause"), { kind: "retry" }],
    ["an error caused by a revoked proxy", new Error("x", { cause: revoked() }), { kind: "retry" }],
    ["an error that hides whether it can be retried", errorThatRefuses("retryable"), { kind: "retry" }],
    [
      "RetryLater without a delay",
      errorThatRefuses("delayMs", new RetryLater("x", { delayMs: 7 })),
      { kind: "retry", retryInMs: 5_000 },
    ],
    [
      "RetryLater of text",
      Object.assign(new RetryLater("x", { delayMs: 7 }), { delayMs: "soon" }),
      { kind: "retry", retryInMs: 0 },
    ],
    ["Snooze without a delay", errorThatRefuses("delayMs", new Snooze(7)), { kind: "retry" }],
    ["Snooze of a bigint", Object.assign(new Snooze(7), { delayMs: 7n }), { kind: "snooze", delayMs: 0 }],
  ])("%s, is decided on", (_what, error, expected) => {
    expect(decideOutcome(threw(error), facts)).toMatchObject(expected);
    expect(decideOutcome(threw(error), { ...facts, hasCompleted: true })).toMatchObject({
      kind: "verify",
      otherwise: expected,
    });
  });

  test("at the last attempt it fails the job", () => {
    const lastAttempt = { ...facts, job: { ...job, attempt: 3 } };

    expect(decideOutcome(threw(revoked()), lastAttempt)).toMatchObject({
      kind: "fail",
      error: cannotBeDescribed,
    });
  });
});

describe("whatever a handler returns", () => {
  test.each([
    ["a revoked proxy", revoked()],
    ["an object whose toJSON throws", { toJSON: refuse }],
    [
      "an object whose toJSON throws a revoked proxy",
      {
        toJSON: () => {
          throw revoked();
        },
      },
    ],
    [
      "an object with a getter that throws",
      Object.defineProperty({}, "a", { get: refuse, enumerable: true }),
    ],
    ["a symbol", Symbol("s")],
    ["a function", refuse],
  ])("%s, fails the job with a text that says so", (_what, value) => {
    expect(decideOutcome(returned(value), facts)).toMatchObject({
      kind: "fail",
      error: expect.stringMatching(/The output of job j is no JSON/),
    });
  });
});
