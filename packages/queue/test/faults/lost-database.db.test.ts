import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../../src/index.ts";
import { anyTask, heldHandler, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

describe("a database that goes away", () => {
  test.each([
    ["is away", "ECONNREFUSED"],
    ["is a standby", "25006"],
    ["is none of the servers", "NO_PRIMARY"],
  ])(
    "and %s while a job runs does not fail the job: its completion is written later",
    async (_what, code) => {
      const held = heldHandler();
      const failing = { on: false };
      const type = `outage-${code}`;
      const { id } = await workers.queue.enqueue(type);
      const gone = Object.assign(new Error("no primary"), { code });
      const { events } = workers.start([anyTask(type, held.run)], {
        db: {
          query: (text, values) => (failing.on ? Promise.reject(gone) : workers.pool.query(text, values)),
        },
      });
      await waitFor(() => held.begun.length === 1, { description: "the handler begins" });

      failing.on = true;
      held.release();
      await waitFor(() => events.some((event) => event.kind === "error" && event.during === "settle"), {
        description: "the completion is refused by the outage",
      });
      failing.on = false;

      await workers.untilState(id, "completed");
      expect((await workers.queue.get(id)).attempts).toBe(1);
    },
  );

  test("fails a handler whose server takes no writes, and the handler is tried again", async () => {
    const { id } = await workers.queue.enqueue("read-only");
    const write = async (mode: string) => {
      await workers.pool.query(`BEGIN ${mode}; CREATE TABLE public.written (); COMMIT`);
    };
    workers.start([
      defineTask({
        name: "read-only",
        payload: z.unknown(),
        backoff: { baseMs: 0, jitterMs: 0 },
        run: (_payload, { job }) => write(job.attempt === 1 ? "READ ONLY" : "READ WRITE"),
      }),
    ]);

    await workers.untilState(id, "completed");

    const [first] = await workers.queue.attempts(id);
    expect(first?.error).toContain("read-only transaction");
    expect((await workers.queue.get(id)).attempts).toBe(2);
  });

  test("under real connections that are terminated, every job still ends completed", async () => {
    const ids = (
      await workers.queue.enqueueMany(Array.from({ length: 200 }, () => ({ type: "cut", queue: "cut" })))
    ).map((result) => result.id);
    const cutPool = workers.anotherPool({ application_name: "cut-me", max: 4 });
    cutPool.on("error", () => undefined);
    let cuts = 0;
    workers.start(
      [
        anyTask("cut", async () => {
          if (cuts < 5) {
            cuts += 1;
            await workers.pool.query(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut-me'",
            );
          }
        }),
      ],
      { db: cutPool, queues: ["cut"], concurrency: 10 },
    );
    const jobsLeft =
      "SELECT count(*)::int AS n FROM millrace.jobs WHERE queue = 'cut' AND state <> 'completed'";

    await waitFor(
      async () => {
        // A claim whose answer was cut off runs out; time is moved for it through the database. So it is for runs that
        // a busy machine keeps long, however often: none must come to have crashed too often.
        await workers.pool.query(
          `UPDATE millrace.claims SET lease_until = now(), crashes = array_fill(0, ARRAY[cardinality(ids)])
           WHERE queue = 'cut' AND begun_at < now() - interval '2 seconds'`,
        );
        return (await workers.pool.query(jobsLeft)).rows[0].n === 0;
      },
      { description: "all jobs complete" },
    );
    expect(cuts).toBe(5);
    expect(ids).toHaveLength(200);
  });
});
