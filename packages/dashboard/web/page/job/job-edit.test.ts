import { describe, expect, test } from "vitest";
import { changeOf, type JobForm } from "./job-edit.ts";

const BEFORE: JobForm = {
  payload: '{\n  "user": 9007199254740993\n}',
  queue: "mail",
  priority: "0",
  maxAttempts: "3",
  runAt: "2031-07-01T12:00:00",
  tags: "a, b",
  key: "order:1",
};
const change = (over: Partial<JobForm>) => changeOf({ ...BEFORE, ...over }, BEFORE, "Europe/Berlin");

describe("changeOf", () => {
  test("changes nothing for a form that was left as it was", () => {
    expect(change({})).toEqual({ change: {} });
  });

  test("sends the payload's text, so that no number is rounded", () => {
    const payload = '{"user": 9007199254740995, "rate": 1.10}';

    expect(change({ payload })).toEqual({ change: { payload } });
  });

  test("sends every field that differs, and no other", () => {
    expect(change({ queue: "slow", priority: "-5", maxAttempts: "10", tags: "b, c, b", key: "" })).toEqual({
      change: { queue: "slow", priority: -5, maxAttempts: 10, tags: ["b", "c"], idempotencyKey: null },
    });
    expect(change({ runAt: "2031-07-01T14:30:00" })).toEqual({
      change: { runAt: "2031-07-01T12:30:00.000Z" },
    });
  });

  test("names each field that is wrong", () => {
    const { errors } = change({
      payload: "{user: 1}",
      queue: " ",
      priority: "high",
      maxAttempts: "0",
      runAt: "",
    });

    expect(Object.keys(errors ?? {})).toEqual(["payload", "queue", "priority", "maxAttempts", "runAt"]);
  });
});
