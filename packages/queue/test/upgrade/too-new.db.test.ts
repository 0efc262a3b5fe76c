import { SCHEMA_NUMBER } from "@millrace/schema/values";
import { waitFor } from "@millrace/testpg";
import { afterEach, expect, test } from "vitest";
import { anyTask, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

const leastSchema = (least: number) =>
  workers.pool.query(
    `CREATE OR REPLACE FUNCTION millrace.least_schema() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT ${least}'`,
  );

afterEach(() => leastSchema(10));

test("a worker that is too old for the database says so once, and claims no more jobs", async () => {
  await leastSchema(SCHEMA_NUMBER + 1);
  const { worker, events } = workers.start([anyTask("t", () => undefined)]);

  await waitFor(() => worker.isPaused, { description: "the worker to be paused" });
  const { id } = await workers.queue.enqueue("t");
  // Another row is written at the change. The job stays queued, because a paused worker claims nothing.
  await worker.set({ concurrency: 2 });

  const errors = events.filter((event) => event.kind === "error");
  expect(errors).toMatchObject([{ error: { code: "SCHEMA_TOO_NEW", leastSchema: SCHEMA_NUMBER + 1 } }]);
  expect(await workers.stateOf(id)).toBe("queued");
});

test("a worker works on a database that is new, and not too new for it, and tells its schema", async () => {
  await leastSchema(SCHEMA_NUMBER);
  workers.start([anyTask("u", () => undefined)], { workerId: "tells" });

  const { id } = await workers.queue.enqueue("u");

  await workers.untilState(id, "completed");
  const { rows } = await workers.pool.query("SELECT schema FROM millrace.workers WHERE worker_id = 'tells'");
  expect(rows).toEqual([{ schema: SCHEMA_NUMBER }]);
});
