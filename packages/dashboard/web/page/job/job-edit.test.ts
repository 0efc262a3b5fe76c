import { describe, expect, test } from "vitest";
import { changeOf, formOf, type JobForm, NEW_JOB, newJobOf } from "./job-edit.ts";

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

  test("keeps tags with commas and backslashes whole when another tag is added", () => {
    const tags = ["a,b", "c:\\d", "plain"];
    // The cast is safe: the form reads these fields alone.
    const job = { queue: "q", priority: 0, maxAttempts: 3, runAt: null, tags, idempotencyKey: null } as never;
    const before = formOf(job, { payload: "{}", zone: "UTC" });

    const { change: changed } = changeOf({ ...before, tags: `${before.tags}, new` }, before, "UTC");

    expect(changed).toEqual({ tags: [...tags, "new"] });
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

describe("newJobOf", () => {
  test("sends the type and the payload, and leaves the rest to the server", () => {
    expect(newJobOf(" send ", { ...NEW_JOB, payload: '{"n": 1.0}' }, "UTC")).toEqual({
      job: { type: "send", payload: '{"n": 1.0}' },
    });
  });

  test("sends what was filled in", () => {
    const form = { ...NEW_JOB, queue: "mail", priority: "-1", runAt: "2031-01-01T12:00:00", key: "order:1" };

    expect(newJobOf("send", form, "UTC")).toEqual({
      job: {
        type: "send",
        payload: "{}",
        queue: "mail",
        priority: -1,
        runAt: "2031-01-01T12:00:00.000Z",
        idempotencyKey: "order:1",
      },
    });
  });

  test("names everything that is wrong", () => {
    const { errors } = newJobOf("", { ...NEW_JOB, payload: "{", maxAttempts: "0" }, "UTC");

    expect(Object.keys(errors ?? {}).sort()).toEqual(["maxAttempts", "payload", "type"]);
  });
});
