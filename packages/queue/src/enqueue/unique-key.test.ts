import { describe, expect, test } from "vitest";
import { InvalidJobError } from "../errors.ts";
import { type UniqueOptions, uniqueKeyOf } from "./unique-key.ts";

const field = (name: string) => `job.${name}`;
const none = { periodMs: undefined, delayMs: undefined, maxWaitMs: undefined };

describe("uniqueKeyOf", () => {
  test.each([
    [{}, { idempotencyKey: undefined, keyScope: null, onDuplicate: "existing", ...none }],
    [
      { idempotencyKey: "k", keyScope: "active", onDuplicate: "error" },
      { idempotencyKey: "k", keyScope: "active", onDuplicate: "error", ...none },
    ],
    [
      { idempotencyKey: "k", keyScope: { periodMs: 5 } },
      { idempotencyKey: "k", keyScope: "period", onDuplicate: "existing", ...none, periodMs: 5 },
    ],
    [
      { debounce: { key: "k", delayMs: 7 } },
      { idempotencyKey: "k", keyScope: "queued", onDuplicate: "replace", ...none, delayMs: 7 },
    ],
    [
      { debounce: { key: "k", delayMs: 7, maxWaitMs: 8 } },
      {
        idempotencyKey: "k",
        keyScope: "queued",
        onDuplicate: "replace",
        ...none,
        delayMs: 7,
        maxWaitMs: 8,
      },
    ],
    [{ latest: { key: "k" } }, { idempotencyKey: "k", keyScope: "active", onDuplicate: "follow", ...none }],
    [
      { throttle: { key: "k", periodMs: 9 } },
      { idempotencyKey: "k", keyScope: "period", onDuplicate: "existing", ...none, periodMs: 9 },
    ],
  ] satisfies [UniqueOptions, object][])("reads %j", (options, key) => {
    expect(uniqueKeyOf(options, field)).toEqual(key);
  });

  test.each([
    [{ debounce: { key: "k", delayMs: 7 }, runAt: new Date(0) }, "job.debounce"],
    [{ throttle: { key: "k", periodMs: 7 }, debounce: { key: "k", delayMs: 7 } }, "job.debounce"],
    [{ onDuplicate: "replace" }, "job.onDuplicate"],
    [{ latest: { key: "k" }, keyScope: "active" }, "job.latest"],
    [{ latest: { key: "k" }, delayMs: 7 }, "job.latest"],
    [{ latest: { key: "k" }, startWithinMs: 7 }, "job.latest"],
    [{ latest: { key: "k" }, throttle: { key: "k", periodMs: 7 } }, "job.throttle"],
  ] satisfies [UniqueOptions & { runAt?: Date; delayMs?: number; startWithinMs?: number }, string][])(
    "refuses %j and names the option",
    (options, name) => {
      const read = () => uniqueKeyOf(options, field);

      expect(read).toThrow(InvalidJobError);
      expect(read).toThrow(`\`${name}\``);
    },
  );
});
