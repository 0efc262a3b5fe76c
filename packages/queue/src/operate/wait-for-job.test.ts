import { expect, test } from "vitest";
import { createQueue } from "../queue.ts";

const ID = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";

const REFUSED: [unknown, unknown, string][] = [
  ["7", {}, "Expected `id` to be an id (a UUID)"],
  [ID, { timeout: 5 }, "`options.timeout` is unknown; did you mean `timeoutMs`?"],
  [ID, { timeoutMs: undefined }, "`options.timeoutMs` is undefined"],
  [ID, { timeoutMs: 0 }, "Expected `timeoutMs` to be an integer from 1"],
  [ID, { pollMs: 99 }, "Expected `pollMs` to be an integer from 100 to 60000"],
  [ID, { signal: "stop" }, "Expected `signal` to be an AbortSignal"],
];

test.each(REFUSED)("waitFor(%j, %j) is refused and reaches no database: %s", async (id, options, message) => {
  let statements = 0;
  const queue = createQueue({
    async query() {
      statements += 1;
      return { rows: [] };
    },
  });

  // The boundary: a call as JavaScript can make it.
  await expect(queue.waitFor(id as string, options as object)).rejects.toThrow(message);

  expect(statements).toBe(0);
});
