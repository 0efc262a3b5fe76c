import { type Executor, queryPrepared } from "@millrace/base";
import { ClaimDetails } from "../job/claim-details.ts";
import type { ClaimedJob } from "../job/job.ts";
import { ROW_ADDRESS } from "../job/row-address.ts";
import { SUSPECT_CRASHES } from "../job/suspect.ts";
import type { ClaimedMark, ClaimLane } from "./claim-lanes.ts";
import { type ClaimedRow, canceledIn, jobsOf, largeAmong } from "./claimed-row.ts";
import type { ClaimTurn } from "./queue-weights.ts";
import { readLargePayloads } from "./read-large-payloads.sql.ts";

/**
 * The most jobs of one claim. Larger claims make a job little cheaper, and the larger a claim is, the more it costs to
 * complete a part of it. Decision 32 has the measurements.
 */
export const CLAIM_JOBS_MAX = 128;

/**
 * A statement claims no further job once the payloads of its jobs reach this many bytes: a thousand jobs of 1 MB each
 * would fill the memory of many workers.
 */
export const CLAIM_BYTES_MAX = 8_388_608;

/**
 * About how many bytes a payload has. Payloads in job_payloads have their size beside them. A payload in the job's own
 * row counts as 0, at next to no cost, if it takes at most 2,000 bytes there. A larger one was inserted without
 * `enqueue`, and is measured uncompressed.
 */
const BYTES = `
      CASE WHEN j.payload IS NULL THEN (SELECT p.bytes FROM millrace.job_payloads p WHERE p.job_id = j.id)
           WHEN pg_column_size(j.payload) > 2000 THEN pg_column_size(j.payload || '{}')
           ELSE 0 END`;

/**
 * Leaves out jobs whose type is not in $8. The types come from a relation, not from a parameter, so that PostgreSQL
 * makes the same estimate for every worker.
 */
const KNOWN = "AND j.type = ANY(unsynced.types)";

/** Leaves out jobs that had to start before now: the recovery loop cancels them. Most jobs have no settings. */
export const MAY_START = `(j.settings IS NULL
          OR coalesce((j.settings ->> 'startBy')::float8 > extract(epoch FROM now()) * 1000, true))`;

/** The due jobs of one lane, locked. */
const inLane = (known: string) => `
      SELECT j.${ROW_ADDRESS} AS row_address, j.run_at, ${BYTES} AS bytes FROM millrace.waiting_jobs j
      WHERE j.queue = lane.queue AND j.priority = lane.priority
        AND j.run_at <= now() AND (j.run_at, j.id) >= (lane.run_at, lane.id) ${known}
        AND ${MAY_START}
      ORDER BY j.run_at, j.id
      LIMIT $5
      FOR UPDATE SKIP LOCKED`;

const LANES = `unnest($1::text[], $2::smallint[], $3::timestamptz[], $4::uuid[])
      WITH ORDINALITY AS lane(queue, priority, run_at, id, rank)`;

/**
 * The ids of a claim's jobs that have a request to cancel. Such a request was meant for the job's previous run, and was
 * committed only after that run had given the job back. If nobody has requested a cancel, one empty table is read once
 * for the whole statement.
 */
const CANCELED = `
            CASE WHEN (SELECT EXISTS (SELECT FROM millrace.cancel_requests)) THEN ARRAY(
              SELECT asked.job_id FROM millrace.cancel_requests AS asked WHERE asked.job_id = ANY(ids)) END`;

/** An array of a claim; NULL if no job of the claim has a value for it. */
const some = (column: string) => `CASE WHEN count(${column}) > 0 THEN array_agg(${column}) END`;

/**
 * Guarantees: a job goes to one caller. Locked rows are skipped, not waited for. All jobs of a claim are of one lane. A
 * suspect, and a job of a type in $10, gets a claim of its own. No job is claimed that had to start before now.
 * Index: waiting_jobs_claim_idx, in its own order, lane by lane. Later jobs and jobs of other lanes are not read.
 * Neither are the rows of jobs of unknown types: the index entries hold the type.
 * No row: from the marks on, no job of the caller's types is due, or other transactions have locked all such jobs.
 *
 * Jobs are deleted by ctid, which saves a second index look-up. Their rows are locked, so a ctid cannot change. See
 * `ROW_ADDRESS`.
 *
 * The commit does not wait for the disk. If a claim is lost, its jobs are queued again, which is allowed. Its tokens
 * are lost, too, and other runs must not get them. A token is the database's clock in us, and that clock has moved on
 * since. A job's token is always greater than the job's token before.
 */
const claimFrom = (picked: string) => `
  WITH unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true),
           (extract(epoch FROM now()) * 1000000)::bigint AS token, $8::text[] AS types, $10::text[] AS singly
  ), due AS MATERIALIZED (
    SELECT picked.row_address, rank, (row_number() OVER so_far)::int AS n,
           sum(picked.bytes) OVER so_far - picked.bytes AS bytes_before
    FROM unsynced,
    ${picked}
    WINDOW so_far AS (ROWS UNBOUNDED PRECEDING)
    LIMIT $5
  ), taken AS (
    DELETE FROM millrace.waiting_jobs j USING due
    WHERE j.${ROW_ADDRESS} = due.row_address AND due.bytes_before < ${CLAIM_BYTES_MAX}
    RETURNING j.*, due.n, due.rank
  ), claimed AS (
    SELECT rank, greatest(max(token) + min(n) - 1, max(lease_token) + 1) AS lease_token, max(crashes) AS most_crashes,
           array_agg(id) AS ids, array_agg(type) AS types, array_agg(payload) AS payloads, array_agg(run_at) AS run_ats,
           array_agg(created_at) AS created_ats, array_agg(attempts + 1) AS attempts,
           array_agg(max_attempts) AS max_attempts, array_agg(crashes) AS crashes, ${some("last_error")} AS last_errors,
           ${some("idempotency_key")} AS idempotency_keys, ${some("schedule_id")} AS schedule_ids,
           ${some("progress")} AS progress, ${some("settings")} AS settings
    FROM (SELECT taken.*, unsynced.token, (n - 1) / ${CLAIM_JOBS_MAX} AS part,
                 CASE WHEN crashes >= ${SUSPECT_CRASHES} OR type = ANY(unsynced.singly) THEN n END AS alone
          FROM taken, unsynced
          ORDER BY rank, part, alone, n) AS job
    GROUP BY rank, part, alone
  )
  INSERT INTO millrace.claims
    (lease_token, worker_id, queue, priority, lease_until, begun_at, ids, types, payloads, run_ats, created_ats,
     attempts, max_attempts, crashes, last_errors, idempotency_keys, schedule_ids, progress, settings)
  SELECT claimed.lease_token, $7, lane.queue, lane.priority, now() + $6 * interval '1 second',
         CASE WHEN $9::boolean AND most_crashes >= ${SUSPECT_CRASHES} THEN NULL ELSE now() END, ids, types, payloads,
         run_ats, created_ats, attempts, max_attempts, crashes, last_errors, idempotency_keys, schedule_ids, progress,
         settings
  FROM claimed JOIN unnest($1::text[], $2::smallint[]) WITH ORDINALITY AS lane(queue, priority, rank) USING (rank)
  RETURNING lease_token, queue, priority, (extract(epoch FROM now()) * 1000)::float8 AS claimed_ms, ids::text,
            array_to_json(types)::text AS types,
            array_to_json(payloads)::text AS payloads, array_positions(payloads, NULL)::text AS large, attempts::text,
            max_attempts::text, crashes::text, run_ats[1]::text AS mark, ${CANCELED}::text AS canceled,
            encode(array_send(run_ats), 'base64') AS run_ats, encode(array_send(created_ats), 'base64') AS created_ats,
            array_to_json(last_errors)::text AS last_errors, array_to_json(idempotency_keys)::text AS idempotency_keys,
            array_to_json(schedule_ids)::text AS schedule_ids, array_to_json(progress)::text AS progress,
            array_to_json(settings)::text AS settings`;

const byLanes = (known: string) =>
  claimFrom(`${LANES},
    LATERAL (${inLane(known)}
    ) AS picked`);

/**
 * The claim by turns, with which queues share the limit.
 *
 * - In its first turn, a queue gives at most its share. Later turns take what the shares left.
 * - A later turn of a queue skips as many jobs as the queue's first turn may take: a statement's own locks do not hide
 *   rows from the statement.
 * - If two turns see different rows, a job may be picked twice. It is deleted once.
 * - Once the limit is reached, later turns are not evaluated.
 */
const byTurns = (known: string) =>
  claimFrom(`unnest($11::text[], $12::int[], $13::int[])
      WITH ORDINALITY AS turn(queue, "offset", most, step),
    LATERAL (
      SELECT found.row_address, found.run_at, found.bytes, lane.rank
      FROM ${LANES},
      LATERAL (${inLane(known)}
      ) AS found
      WHERE lane.queue = turn.queue
      OFFSET turn.offset LIMIT turn.most
    ) AS picked`);

const CLAIM = { any: byLanes(""), known: byLanes(KNOWN) };
const CLAIM_BY_TURNS = { any: byTurns(""), known: byTurns(KNOWN) };

/** The mark of a lane that has none yet: it stands before every job. */
const START = { runAt: "-infinity", id: "00000000-0000-0000-0000-000000000000" };

/** What to claim, for whom, for how long. */
export interface ClaimRequest {
  lanes: readonly ClaimLane[];
  limit: number;
  /** 5 to 3,600. */
  leaseSeconds: number;
  workerId: string;
  /** Only jobs of these types; absent: jobs of any type. */
  types?: readonly string[] | undefined;
  /** Whether the caller records by `beginRun` that a suspect begins. Until then, no crash is charged to the suspect. */
  recordsSuspects?: boolean;
  /** Each job of these types gets a claim of its own. */
  claimedSingly?: readonly string[] | undefined;
  /** How queues share the limit; absent: lanes are claimed in the given order. */
  turns?: readonly ClaimTurn[] | undefined;
  /** When the request is sent, by the worker's clock: the waits of jobs count from there. Absent: 0. */
  sentAt?: number;
  /** The name of a prepared statement to use; absent: PostgreSQL plans for the table as it is now. */
  preparedAs?: string | undefined;
}

/** What a claim took, and how far it came in its lanes. */
export interface ClaimedBatch {
  jobs: ClaimedJob[];
  /** How many bytes the payload of each job has, by the job's index in `jobs`; 0 for a small payload. */
  bytes: number[];
  /** How many jobs the claim of each job has, by the job's index in `jobs`. */
  claimSizes: number[];
  /** What else is known of the jobs of the claim of each one. */
  details: ClaimDetails[];
  /** The ids of the jobs whose cancel was requested before they were claimed. */
  cancelRequested: Set<string>;
  /** Why more jobs may be due: the claim reached its limit of jobs, or of bytes. Null if no more jobs are due. */
  cutBy: "jobs" | "bytes" | null;
  /** The lanes of the claimed jobs. */
  lanesTakenFrom: Set<ClaimLane>;
  /** The first job of each claim. */
  marks: ClaimedMark[];
}

/**
 * Claims up to `limit` due jobs. Returns them lane by lane, in each lane's order. Concurrent callers never receive the
 * same run of a job.
 */
export async function claimJobs(db: Executor, request: ClaimRequest): Promise<ClaimedBatch> {
  const batch: ClaimedBatch = {
    jobs: [],
    bytes: [],
    claimSizes: [],
    details: [],
    cancelRequested: new Set(),
    cutBy: null,
    lanesTakenFrom: new Set(),
    marks: [],
  };
  const { lanes } = request;
  if (lanes.length === 0) return batch;
  const marks = lanes.map((lane) => lane.mark ?? START);
  const values = [
    lanes.map((lane) => lane.queue),
    lanes.map((lane) => lane.priority),
    marks.map((mark) => mark.runAt),
    marks.map((mark) => mark.id),
    request.limit,
    request.leaseSeconds,
    request.workerId,
    request.types ?? null,
    request.recordsSuspects ?? false,
    request.claimedSingly ?? [],
  ];
  const { rows } = await query(db, request, values);
  const large = new Map<string, ClaimedJob>();
  for (const { row, lane } of inLaneOrder(rows as ClaimedRow[], lanes)) {
    batch.lanesTakenFrom.add(lane);
    const jobs = jobsOf(row);
    for (const job of largeAmong(jobs, row)) large.set(job.id, job);
    for (const id of canceledIn(row)) batch.cancelRequested.add(id);
    const [first] = jobs;
    if (first !== undefined)
      batch.marks.push({ queue: lane.queue, priority: lane.priority, runAt: row.mark, id: first.id });
    const details = new ClaimDetails(row, request.sentAt ?? 0);
    for (const job of jobs) {
      batch.jobs.push(job);
      batch.details.push(details);
      batch.claimSizes.push(jobs.length);
    }
  }
  const bytes = await readLargePayloads(db, large);
  batch.bytes = batch.jobs.map((job) => bytes.get(job.id) ?? 0);
  if (batch.jobs.length === request.limit) batch.cutBy = "jobs";
  else if (batch.bytes.reduce((sum, each) => sum + each, 0) >= CLAIM_BYTES_MAX) batch.cutBy = "bytes";
  return batch;
}

/** The claims of one statement in the order of their lanes, and within a lane in the order of their jobs. */
function inLaneOrder(
  rows: readonly ClaimedRow[],
  lanes: readonly ClaimLane[],
): { row: ClaimedRow; lane: ClaimLane }[] {
  const found = rows.flatMap((row) => {
    const rank = lanes.findIndex((each) => each.queue === row.queue && each.priority === row.priority);
    const lane = lanes[rank];
    return lane === undefined ? [] : { row, lane, rank };
  });
  return found.sort((a, b) => a.rank - b.rank || Number(a.row.lease_token) - Number(b.row.lease_token));
}

function query(db: Executor, { turns, types, preparedAs }: ClaimRequest, values: unknown[]) {
  const which = types === undefined ? "any" : "known";
  const [text, all] =
    turns === undefined
      ? [CLAIM[which], values]
      : [
          CLAIM_BY_TURNS[which],
          [
            ...values,
            turns.map((turn) => turn.queue),
            turns.map((turn) => turn.offset),
            turns.map((turn) => turn.most),
          ],
        ];
  if (preparedAs === undefined) return db.query(text, all);
  return queryPrepared(db, `${preparedAs}_${which}${turns === undefined ? "" : "_turns"}`, [text, all]);
}
