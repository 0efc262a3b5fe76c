import { type ClaimedJob, createQueue } from "@millrace/queue";
import pg from "pg";
import { walPosition } from "../server/wal-position.ts";
import type { BenchCase } from "./bench-case.ts";

/** What a worker claims at once with the highest concurrency. */
const CLAIM_LIMIT = 1_000;
const LEASE_SECONDS = 30;

/** (j) What it costs to keep the leases of many jobs that wait for something. */
export const waitingRuns: BenchCase = {
  id: "j",
  title: "Renewal of waiting runs",
  description:
    `jobs that were claimed ${CLAIM_LIMIT.toLocaleString("en")} at a time and have not ended; one renewal of ` +
    `all their leases, by the statement that a worker sends after a third of its lease of ${LEASE_SECONDS} s`,
  metrics: [
    { key: "rows", label: "rows updated", unit: "rows", better: "lower" },
    { key: "wal", label: "WAL", unit: "bytes", better: "lower" },
    { key: "ms", label: "time", unit: "ms", better: "lower" },
  ],
  quick: false,
  variants: ({ waitingJobs }) => [
    { key: "renewal", label: `${waitingJobs.toLocaleString("en")} waiting jobs`, value: waitingJobs },
  ],
  roles: ["millrace"],
  skip: (adapter) => (adapter.id === "millrace" ? null : "the same statements"),
  async run({ adapter, server, variant }) {
    const store = await server.openStore(adapter, { due: variant.value });
    // One connection, so that the session that renews can be told to report what it wrote.
    const pool = new pg.Pool({ connectionString: store.url, max: 1 });
    try {
      return await measure(pool, variant.value);
    } finally {
      await pool.end();
      await store.drop();
    }
  },
};

async function measure(pool: pg.Pool, count: number) {
  const { runs } = createQueue(pool);
  const claimed: ClaimedJob[] = [];
  while (claimed.length < count) {
    const limit = Math.min(CLAIM_LIMIT, count - claimed.length);
    const options = { queues: ["default"], workerId: "bench", limit, leaseSeconds: LEASE_SECONDS };
    const jobs = await runs.claim(options);
    if (jobs.length === 0) throw new Error(`only ${claimed.length} of ${count} jobs could be claimed`);
    claimed.push(...jobs);
  }
  const leases = claimed.map(({ id, leaseToken }) => ({ id, leaseToken }));
  const rowsBefore = await updatedRows(pool);
  const walBefore = await walPosition(pool);
  const start = performance.now();
  const { refused, locked } = await runs.extend(leases, LEASE_SECONDS);
  const ms = performance.now() - start;
  const wal = (await walPosition(pool)) - walBefore;
  const rows = (await updatedRows(pool)) - rowsBefore;
  const missed = refused.length + locked.length;
  if (missed > 0) throw new Error(`${missed} of ${count} leases were not renewed`);
  return { rows, wal, ms };
}

/** Returns how many row versions updates have written to the table of claims. */
async function updatedRows(pool: pg.Pool): Promise<number> {
  // A session reports what it wrote when the statement ends, at most once a second unless it is told to.
  await pool.query("SELECT pg_stat_force_next_flush()");
  const { rows } = await pool.query<{ updated: string }>(
    "SELECT n_tup_upd AS updated FROM pg_stat_user_tables WHERE schemaname = 'millrace' AND relname = 'claims'",
  );
  return Number(rows[0]?.updated);
}
