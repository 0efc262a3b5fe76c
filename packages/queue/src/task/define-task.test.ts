import { InvalidOptionError } from "@millrace/base";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { RetryLater, Snooze } from "../errors.ts";
import { defineTask } from "./define-task.ts";
import type { TaskOptions } from "./task-options.ts";
import { upcaster } from "./upcaster.ts";

const RIGHT = { name: "mail", payload: z.object({}), run: () => undefined };

describe("defineTask", () => {
  test.each<[object | null, string]>([
    [{ run: undefined }, '`task "mail".run` is undefined'],
    [{ run: "send" }, 'Expected `run (task "mail")` to be a function that runs one job, got "send".'],
    [{ handler: () => 1 }, '`task "mail".handler` is unknown'],
    [{ timeout: 5 }, '`task "mail".timeout` is unknown; did you mean `timeoutMs`?'],
    [{ payload: { orderId: "string" } }, 'Expected `payload (task "mail")` to be a Standard Schema'],
    [{ payload: { "~standard": {} } }, 'Expected `payload (task "mail")` to be a Standard Schema'],
    [{ backoff: { base: 1 } }, '`backoff (task "mail").base` is unknown; did you mean `baseMs`?'],
    [
      { backoff: { baseMs: -1 } },
      'Expected `backoff.baseMs (task "mail")` to be a number of ms ≥ 0, got -1.',
    ],
    [{ queue: "" }, 'Expected `queue (task "mail")` to be a string of 1 to 100 characters'],
    [{ priority: 1.5 }, 'Expected `priority (task "mail")` to be an integer'],
    [{ maxAttempts: 0 }, 'Expected `maxAttempts (task "mail")` to be an integer from 1'],
    [{ timeoutMs: 0 }, 'Expected `timeoutMs (task "mail")` to be an integer from 1'],
    [{ retentionMs: -1 }, 'Expected `retentionMs (task "mail")` to be an integer from 0'],
    [{ deadLetter: "" }, 'Expected `deadLetter.type (task "mail")` to be a string of 1 to 100 characters'],
    [{ deadLetter: { name: "t" } }, '`deadLetter (task "mail").name` is unknown'],
    [{ upcasters: upcaster(z.object({}), () => 1) }, 'Expected `upcasters (task "mail")` to be an array'],
    [{ upcasters: [{ from: z.object({}), to: () => 1 }] }, '`upcasters (task "mail")[0].to` is unknown'],
    [{ upcasters: [{ from: z.object({}) }] }, 'Expected `upcasters (task "mail")[0].up` to be a function'],
    [{ name: "" }, "Expected `name` to be a string of 1 to 100 characters"],
    [{ name: 7 }, "Expected `name` to be a string of 1 to 100 characters"],
    [null, "`task` must be an object with `name`, `payload`"],
  ])("refuses %o where the task is defined, and names the task", (wrong, message) => {
    const options = wrong === null ? null : { ...RIGHT, ...wrong };
    const define = () => defineTask(options as TaskOptions<typeof RIGHT.payload>);

    expect(define).toThrow(InvalidOptionError);
    expect(define).toThrow(message);
  });

  test("keeps what it says apart from what others decide", () => {
    const { backoff, timeoutMs, retentionMs, deadLetter } = defineTask(RIGHT);
    const own = defineTask({
      ...RIGHT,
      backoff: { baseMs: 1 },
      deadLetter: defineTask({ ...RIGHT, name: "mourn", queue: "letters" }),
    });

    expect([backoff, timeoutMs, retentionMs, deadLetter]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(own).toMatchObject({ backoff: { baseMs: 1 }, deadLetter: { type: "mourn", queue: "letters" } });
    expect(own.backoff).toEqual({ baseMs: 1 });
    expect(defineTask({ ...RIGHT, deadLetter: null }).deadLetter).toBeNull();
  });

  test("takes a validator that is a function, as some libraries make them", () => {
    const validator = Object.assign(() => undefined, { "~standard": RIGHT.payload["~standard"] });

    expect(defineTask({ ...RIGHT, payload: validator }).name).toBe("mail");
  });
});

test.each<[string, () => Error, string]>([
  ["an upcaster", () => upcaster({} as never, () => 1) as never, "Expected `upcaster.from` to be a Standard"],
  ["RetryLater", () => new RetryLater("busy", { delay: 5 } as never), "did you mean `delayMs`?"],
  ["RetryLater", () => new RetryLater("busy", {} as never), "expected `delayMs` to be a number of ms"],
  ["Snooze", () => new Snooze({ delayMs: 5 } as never), "expected `delayMs` to be a number of ms"],
])("%s without what it needs is refused where it is made", (_what, make, message) => {
  expect(make).toThrow(InvalidOptionError);
  expect(make).toThrow(message);
});
