import { useTestDatabase } from "@millrace/testpg/vitest";
import { expect, test } from "vitest";
import { createQueue } from "../../src/index.ts";

const database = useTestDatabase();

test("the attempts of a job are all of them, or the last so many, oldest first", async () => {
  const queue = createQueue(database.pool());
  const { id } = await queue.enqueue("t", {}, { maxAttempts: 5 });
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const [run] = await queue.runs.claim({ workerId: "w", queues: ["default"], limit: 1, leaseSeconds: 60 });
    await queue.runs.fail([
      { id, leaseToken: run?.leaseToken ?? 0, error: `error ${attempt}`, retryInMs: 0 },
    ]);
  }
  const errorsOf = async (options?: { last: number }) =>
    (await queue.attempts(id, options)).map(({ error }) => error);

  expect(await errorsOf()).toEqual(["error 1", "error 2", "error 3", "error 4"]);
  expect(await errorsOf({ last: 2 })).toEqual(["error 3", "error 4"]);
  for (const last of [0, 1.5, Number.NaN]) {
    await expect(errorsOf({ last })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  }
});
