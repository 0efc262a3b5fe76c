import { useTestDatabase } from "@millrace/testpg/vitest";
import { expect, test } from "vitest";
import { createQueue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";

const database = useTestDatabase();

test("a reader may bound how much of an entry is returned", async () => {
  const pool = database.pool();
  const queue = createQueue(pool, { audit: { who: "ada", via: "test" } });
  const ids = await Promise.all([insertJob(pool), insertJob(pool), insertJob(pool)]);
  await queue.cancelMany({ ids });
  const long = { payload: { text: "x".repeat(1_000) } };
  await queue.change(await insertJob(pool), long);

  const [change, cancel] = await queue.audit({ statesMax: 2, bytesMax: 500 });

  expect(cancel?.before.map(({ id }) => id)).toEqual([...ids].sort().slice(0, 2));
  expect(cancel).toMatchObject({ changed: 3, filter: { ids } });
  expect(change?.filter).toEqual({ omittedBytes: expect.any(Number) });
  expect(change?.before).toHaveLength(1);
  const [whole] = await queue.audit({ limit: 1 });
  expect(whole?.filter).toMatchObject({ change: long });
});

test.each([{ statesMax: 0 }, { statesMax: 10_001 }, { bytesMax: 0 }, { bytesMax: 1.5 }])(
  "%j is refused",
  async (filter) => {
    await expect(createQueue(database.pool()).audit(filter)).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  },
);
