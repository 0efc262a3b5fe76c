import { useTestDatabase } from "@millrace/testpg/vitest";
import { expect, test } from "vitest";
import { createQueue } from "../../src/index.ts";

const database = useTestDatabase();

async function preparedOn(pool: { query(text: string): Promise<{ rows: { name: string }[] }> }) {
  const { rows } = await pool.query("SELECT name FROM pg_prepared_statements");
  return rows.map((row) => row.name);
}

test("an enqueue on a pool is prepared once, and goes on when the session forgets it, as poolers make it", async () => {
  const pool = database.pool({ max: 1 });
  const queue = createQueue(pool);
  await queue.enqueue("t");
  expect(await preparedOn(pool)).toEqual(["millrace_insert_alike_2"]);

  await pool.query("DEALLOCATE ALL");
  const ids = [await queue.enqueue("t"), await queue.enqueue("t")].map((result) => result.id);

  const { rows } = await pool.query("SELECT id FROM millrace.jobs WHERE id = ANY($1) ORDER BY id", [ids]);
  expect(rows.map((row) => row.id)).toEqual(ids);
  expect(await preparedOn(pool)).toEqual([]);
});

test("an enqueue goes on when another session's client has prepared the same name, as poolers make it", async () => {
  const pool = database.pool({ max: 1 });
  await pool.query("PREPARE millrace_insert_alike_2 AS SELECT 1");

  const { id } = await createQueue(pool).enqueue("t");

  expect((await createQueue(pool).get(id)).state).toBe("queued");
});

test("an enqueue in the caller's transaction prepares nothing: a failure there would end the transaction", async () => {
  const pool = database.pool({ max: 1 });
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await createQueue(pool).enqueue("t", {}, { tx: client });
    await client.query("COMMIT");
  } finally {
    client.release();
  }

  expect(await preparedOn(pool)).toEqual([]);
});
