import { migrate } from "@millrace/schema/migrations";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { drizzle } from "drizzle-orm/node-postgres";
import type pg from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { createQueue } from "../src/index.ts";
import { openTransaction } from "./open-transaction.ts";
import { runTask } from "./run-worker.ts";

const database = useTestDatabase();
let pool: pg.Pool;

beforeEach(async () => {
  pool ??= database.pool();
  await pool.query("DROP SCHEMA IF EXISTS millrace CASCADE");
});

const missing = expect.objectContaining({
  code: "SCHEMA_MISSING",
  message: expect.stringMatching(/relation "millrace\.\w+" does not exist\); run `millrace migrate`/),
});

describe("on a database that was never migrated", () => {
  test("an enqueue says what to do, of any kind, on a pool, in a transaction and through Drizzle", async () => {
    await using transaction = await openTransaction(pool);
    const { client: tx } = transaction;
    const queue = createQueue(pool);

    await expect(queue.enqueue("t")).rejects.toEqual(missing);
    await expect(queue.enqueue("t", {}, { idempotencyKey: "k" })).rejects.toEqual(missing);
    await expect(queue.enqueueMany([{ type: "t" }])).rejects.toEqual(missing);
    await expect(queue.enqueue("t", {}, { tx })).rejects.toEqual(missing);
    await expect(createQueue(drizzle({ client: pool })).enqueue("t")).rejects.toEqual(missing);
  });

  test("a worker says what to do, and goes on once the database is migrated", async () => {
    await using task = runTask(pool, () => "done");
    await waitFor(() => task.events.some((event) => event.kind === "error" && event.during === "claim"), {
      description: "the claim's error",
    });
    expect(task.events).toContainEqual({ kind: "error", during: "claim", error: missing });

    await migrate(pool);

    expect((await task.told("job-completed", await task.enqueue())).output).toBe("done");
  });
});

test("a missing table that a trigger of the user's met is told as it is", async () => {
  await migrate(pool);
  await pool.query(`
    CREATE FUNCTION public.audit() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN INSERT INTO public.nowhere VALUES (1); RETURN NEW; END$$;
    CREATE TRIGGER audit BEFORE INSERT ON millrace.waiting_jobs FOR EACH ROW EXECUTE FUNCTION public.audit()`);

  await expect(createQueue(pool).enqueue("t")).rejects.toMatchObject({ code: "42P01" });
});
