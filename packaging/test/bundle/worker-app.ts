import { setTimeout as pause } from "node:timers/promises";
import { createWorker, defineTask } from "@millrace/queue";
import { migrate } from "@millrace/schema/migrations";
import pg from "pg";
import { z } from "zod";

// An application that migrates, works until no job is due, and prints what it did. Its job ends once its lease has been
// renewed, and with UNTIL_ERROR once the worker has also reported an error: the worker may renew before its thread has
// failed to start.
const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"] });
const report = { applied: 0, completed: 0, errors: [] as string[] };

const bundled = defineTask({
  name: "bundled",
  payload: z.object({}),
  async run(_payload, { job, signal }) {
    const first = await leaseUntil(job.id);
    const isOver = async () =>
      (await leaseUntil(job.id)) !== first &&
      (process.env["UNTIL_ERROR"] === undefined || report.errors.length > 0);
    while (!(await isOver())) await pause(50, undefined, { signal });
  },
});

async function leaseUntil(id: string): Promise<string> {
  const { rows } = await pool.query(
    "SELECT lease_until::text AS until FROM millrace.running_jobs WHERE id = $1",
    [id],
  );
  return String(rows[0]?.until);
}

async function work(): Promise<void> {
  report.applied = (await migrate(pool)).applied;
  await pool.query("SELECT millrace.enqueue('bundled')");
  const worker = createWorker({
    db: pool,
    tasks: [bundled],
    leaseSeconds: 5,
    onEvent(event) {
      if (event.kind === "error") report.errors.push(`${event.during}: ${String(event.error)}`);
    },
  });
  report.completed = (await worker.runUntilEmpty()).completed;
  process.stdout.write(JSON.stringify(report));
}

work().finally(() => pool.end());
