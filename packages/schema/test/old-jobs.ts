import type pg from "pg";

/** SQL for columns of a job, by their names. */
type Columns = Readonly<Record<string, string>>;

const RAN = {
  lease_token: "17",
  worker_id: "'w-1'",
  attempts: "2",
  max_attempts: "5",
  crashes: "1",
  last_error: "'the time before'",
  last_run_at: "now() - interval '3 seconds'",
  updated_at: "now() - interval '2 seconds'",
} satisfies Columns;
const RUNNING: Columns = { ...RAN, state: "'running'", lease_until: "now() + interval '40 seconds'" };
const COMPLETED: Columns = {
  ...RAN,
  state: "'completed'",
  completed_at: "now() - interval '2 seconds'",
  output: `'{"rows": [1, null]}'`,
};
const CANCELED: Columns = { ...RAN, state: "'canceled'", canceled_at: "now() - interval '2 seconds'" };
const LARGE = "jsonb_build_object('text', repeat('large ', 2000))";
const SCHEDULED = "(SELECT id FROM millrace.job_schedules)";

/** Gives a job a key whose scope is over at an instant, or never. */
const keyed = (scope: string, until = "NULL"): Columns => ({
  idempotency_key: `'key ' || gen_random_uuid()`,
  key_scope: scope,
  key_until: until,
});

/** The jobs of a database before jobs moved to three places, by type: one in every state and with every trait. */
const OLD_JOBS: Readonly<Record<string, Columns>> = {
  due: {
    payload: `'[1, "two", null]'`,
    queue: "'mail'",
    priority: "-7",
    created_at: "now() - interval '1 day'",
  },
  "with a payload of null": { payload: "'null'" },
  "due later": { run_at: "now() + interval '1 hour'" },
  "never due": { run_at: "'infinity'" },
  "backing off": { ...RAN, run_at: "now() + interval '9 minutes'", progress: `'{"done": 3}'` },
  "queued and large": { payload: LARGE },
  "queued with a key for ever": keyed("NULL"),
  "queued with a key while it is queued": keyed("'queued'"),
  "queued with a key while it is active": keyed("'active'"),
  "queued with a key for a period": keyed("'period'", "now() + interval '1 hour'"),
  "queued with a key for a period that is over": keyed("'period'", "now() - interval '1 hour'"),
  "queued by a schedule": { schedule_id: SCHEDULED, ...keyed("NULL") },
  running: { ...RUNNING, payload: `'{"n": 1}'`, queue: "'mail'", priority: "3", progress: "'null'" },
  "running for the first time": { ...RUNNING, attempts: "1", crashes: "0", last_error: "NULL" },
  "running and asked to stop": { ...RUNNING, cancel_requested_at: "now() - interval '1 second'" },
  "running with an expired lease": { ...RUNNING, lease_until: "now() - interval '1 minute'" },
  "expired and asked to stop": {
    ...RUNNING,
    lease_until: "now() - interval '1 minute'",
    cancel_requested_at: "now() - interval '2 minutes'",
  },
  "suspect that has not begun": { ...RUNNING, crashes: "4", last_run_at: "NULL" },
  "running and large": { ...RUNNING, payload: LARGE, progress: LARGE },
  "running with a key for ever": { ...RUNNING, ...keyed("NULL") },
  "running with a key while it is queued": { ...RUNNING, ...keyed("'queued'") },
  "running with a key while it is active": { ...RUNNING, ...keyed("'active'") },
  "running by a schedule": { ...RUNNING, schedule_id: SCHEDULED },
  failed: { ...RAN, state: "'failed'", payload: `'{"n": 2}'`, progress: "'50'" },
  "failed and large": { ...RAN, state: "'failed'", payload: LARGE },
  "failed with a key while it is active": { ...RAN, state: "'failed'", ...keyed("'active'") },
  "failed with a key for ever": { ...RAN, state: "'failed'", ...keyed("NULL") },
  canceled: CANCELED,
  "canceled before it ran": { state: "'canceled'", canceled_at: "now()", updated_at: "now()" },
  "completed by a schedule": { ...COMPLETED, schedule_id: SCHEDULED },
  "completed with a key for ever": { ...COMPLETED, ...keyed("NULL") },
  "completed with a key for a period": { ...COMPLETED, ...keyed("'period'", "now() + interval '1 hour'") },
};

/** The completed jobs that had moved to history. */
const OLD_HISTORY: Readonly<Record<string, Columns>> = {
  moved: { output: `'"done"'`, payload: `'{"n": 3}'` },
  "moved without output": { worker_id: "NULL", last_error: "NULL", last_run_at: "NULL" },
  "moved and large": { output: LARGE, payload: LARGE },
};

/** The types of all old jobs, each of which is one job. */
export const OLD_TYPES = [...Object.keys(OLD_JOBS), ...Object.keys(OLD_HISTORY)].sort();

/** Fills a database that has the first `ONE_TABLE` migrations. */
export async function insertOldJobs(target: pg.Pool): Promise<void> {
  await target.query(
    "INSERT INTO millrace.job_schedules (name, job_type, cron_expr) VALUES ('nightly', 'report', '@daily')",
  );
  for (const [type, columns] of Object.entries(OLD_JOBS)) await insert(target, "jobs", type, columns);
  const { updated_at: _, ...ran } = RAN;
  for (const [type, columns] of Object.entries(OLD_HISTORY)) {
    await insert(target, "job_history", type, {
      ...ran,
      ...{ id: "millrace.uuid_v7()", queue: "'mail'", payload: "'{}'", priority: "2", run_at: "now()" },
      ...{ created_at: "now() - interval '1 day'", completed_at: "now() - interval '1 hour'" },
      ...columns,
    });
  }
}

async function insert(target: pg.Pool, table: string, type: string, columns: Columns): Promise<void> {
  await target.query(
    `INSERT INTO millrace.${table} (${["type", ...Object.keys(columns)].join(", ")})
     VALUES (${[`'${type}'`, ...Object.values(columns)].join(", ")})`,
  );
}
