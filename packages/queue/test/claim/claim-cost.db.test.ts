import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claimJobs } from "../../src/claim/claim-jobs.sql.ts";
import { ClaimLanes } from "../../src/claim/claim-lanes.ts";
import { findUnpausedLanes } from "../../src/claim/find-unpaused-lanes.sql.ts";
import type { Executor } from "../../src/index.ts";
import { completeJobs } from "../../src/settle/complete-jobs.sql.ts";

const database = useTestDatabase();
let pool: pg.Pool;

/** Pages a claim of 100 jobs may touch, per job: the scan, and the row locked and deleted. The claim is one row. */
const BUFFERS_PER_JOB = 10;
const BATCH = 100;

beforeAll(() => {
  pool = database.pool();
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}`);
});

interface Plan {
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
}

/** Runs what it is given under EXPLAIN, and keeps how many buffers it touched. */
function explaining(client: Executor): Executor & { buffers: number } {
  return {
    buffers: 0,
    async query(text, values) {
      const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
      const [answer] = rows as { "QUERY PLAN": { Plan: Plan }[] }[];
      const plan = answer?.["QUERY PLAN"][0]?.Plan;
      if (plan === undefined) throw new Error("EXPLAIN gave no plan");
      this.buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
      return { rows: [] };
    },
  };
}

const request = (lanes: ClaimLanes) => ({
  lanes: lanes.scan(Number.MAX_VALUE).lanes,
  limit: BATCH,
  leaseSeconds: 30,
  workerId: "w",
});

async function lanesNow(): Promise<ClaimLanes> {
  const lanes = new ClaimLanes(["default"]);
  const found = await findUnpausedLanes(pool, { queues: ["default"], after: null });
  lanes.lookEnds(found);
  return lanes;
}

/** How many buffers a claim of 100 jobs touches now; nothing is claimed for good. */
async function claimBuffers(lanes: ClaimLanes, types?: readonly string[]): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const db = explaining(client);
    await claimJobs(db, { ...request(lanes), types });
    await client.query("ROLLBACK");
    return db.buffers;
  } finally {
    client.release();
  }
}

async function insertJobs(count: number, columns = "", values = ""): Promise<void> {
  await pool.query(
    `INSERT INTO millrace.waiting_jobs (type${columns}) SELECT 't'${values} FROM generate_series(1, $1::int) AS n`,
    [count],
  );
  await pool.query("VACUUM ANALYZE millrace.waiting_jobs");
}

describe("a claim touches a bounded number of buffers per job", () => {
  test("with 300,000 jobs queued behind it", async () => {
    await insertJobs(300_000);

    expect(await claimBuffers(await lanesNow())).toBeLessThan(BUFFERS_PER_JOB * BATCH);
  });

  test("with 300,000 jobs due in the future, also of a more urgent priority", async () => {
    await insertJobs(150_000, ", run_at", ", now() + n * interval '1 minute'");
    await insertJobs(150_000, ", priority, run_at", ", -5, now() + n * interval '1 minute'");
    await insertJobs(1_000, ", priority", ", 3");

    expect(await claimBuffers(await lanesNow())).toBeLessThan(BUFFERS_PER_JOB * BATCH);
  });

  test("with 300,000 ended jobs kept", async () => {
    await pool.query(
      `INSERT INTO millrace.ended_jobs (id, queue, type, payload, priority, run_at, lease_token, attempts,
                                        max_attempts, crashes, created_at, ended_at, state, idempotency_key)
       SELECT millrace.uuid_v7(), 'default', 't', '{}', 0, now(), 1, 1, 3, 0, now(), now(), 'failed', 'k' || n
       FROM generate_series(1, 300000) AS n`,
    );
    await insertJobs(1_000);

    expect(await claimBuffers(await lanesNow())).toBeLessThan(BUFFERS_PER_JOB * BATCH);
  });

  test("with 100,000 jobs of unknown types before it: their rows are not read, and their entries once", async () => {
    await insertJobs(100_000, ", run_at", ", now() - interval '1 day'");
    await pool.query(`INSERT INTO millrace.jobs (type) SELECT 'known' FROM generate_series(1, 1000)`);
    await pool.query("VACUUM ANALYZE millrace.waiting_jobs");
    const lanes = await lanesNow();
    const types = ["known", "another"];

    const first = await claimBuffers(lanes, types);
    const scan = lanes.scan(0);
    const { jobs, ...batch } = await claimJobs(pool, { ...request(lanes), lanes: scan.lanes, types });
    lanes.learn(scan, { ...batch, count: jobs.length, isFull: true, now: 0, tookMs: 100 });
    const later = await claimBuffersFrom(lanes, { now: 100, types });

    expect(jobs.map(({ type }) => type)).toEqual(Array.from({ length: BATCH }, () => "known"));
    // The index entries of the unknown ones: a hundred a page. Their rows would be as many pages again, visited singly.
    expect(first).toBeLessThan(BUFFERS_PER_JOB * BATCH + 100_000 / 50);
    expect(later).toBeLessThan(BUFFERS_PER_JOB * BATCH);
  });
});

describe("a claim from the mark that an earlier claim reached", () => {
  test("touches as few buffers while a snapshot is held open", async () => {
    // Rows that are not in the order of their ids: each dead index entry then leads to a page of its own.
    await insertJobs(20_000, ", id", ", gen_random_uuid()");
    const holder = await pool.connect();
    try {
      await holder.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
      await holder.query("SELECT count(*) FROM millrace.jobs");
      const lanes = await lanesNow();
      const before = await claimBuffers(lanes);
      for (let now = 0; now < 150; now += 1) {
        const scan = lanes.scan(now * 1_000);
        const { jobs, ...batch } = await claimJobs(pool, { ...request(lanes), lanes: scan.lanes });
        // Scans from the start are dear here; that is what the worker would measure.
        const tookMs = scan.fromStart ? 10_000 : 1;
        lanes.learn(scan, { ...batch, count: jobs.length, isFull: true, now: now * 1_000, tookMs });
        expect(await completeJobs(pool, jobs, "wait")).toEqual({ refused: [], locked: [] });
      }

      const fromStart = await claimBuffers(await lanesNow());
      const after = await claimBuffersFrom(lanes, { now: 149_500 });

      expect(before).toBeLessThan(BUFFERS_PER_JOB * BATCH);
      expect(after).toBeLessThan(BUFFERS_PER_JOB * BATCH);
      expect(fromStart).toBeGreaterThan(after * 3);
      await holder.query("ROLLBACK");
    } finally {
      holder.release();
    }
  });
});

/** As `claimBuffers`, from the mark reached. */
async function claimBuffersFrom(
  lanes: ClaimLanes,
  { now, types }: { now: number; types?: readonly string[] },
): Promise<number> {
  const scan = lanes.scan(now);
  expect(scan.fromStart).toBe(false);
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const db = explaining(client);
    await claimJobs(db, { ...request(lanes), lanes: scan.lanes, types });
    await client.query("ROLLBACK");
    return db.buffers;
  } finally {
    client.release();
  }
}
