import { type Executor, queryPrepared } from "@millrace/base";
import type { ClaimedJob } from "../job/job.ts";
import { SUSPECT_CRASHES } from "../job/suspect.ts";
import { fromGuard, rowGuard, toState } from "../job/transitions.ts";
import type { ClaimedMark, ClaimLane } from "./claim-lanes.ts";
import type { ClaimTurn } from "./queue-weights.ts";

/** One in this many claimed jobs gives its mark: writing out an instant costs more than the rest of the row. */
const MARK_EACH = 100;

/**
 * A claim stops after the job with which its payloads reach so many bytes: a thousand jobs of 1 MB each would fill the
 * memory of many a worker.
 */
export const CLAIM_BYTES_MAX = 8_388_608;

/**
 * About how many bytes a payload has, at next to no cost for a small one, which counts as nothing. Only a large one
 * that is stored compressed is decompressed (`||` gives it back as it is); a smaller one is taken for eight times what
 * is stored.
 */
const BYTES = `
      CASE WHEN pg_column_compression(j.payload) IS NULL
           THEN CASE WHEN pg_column_size(j.payload) > 1000 THEN pg_column_size(j.payload) ELSE 0 END
           WHEN pg_column_size(j.payload) <= 2000 THEN pg_column_size(j.payload) * 8
           ELSE pg_column_size(j.payload || '{}') END`;

/**
 * The worker's own types. They come from a relation, not from a parameter, so that PostgreSQL estimates the same for
 * every worker.
 */
const KNOWN = "AND j.type = ANY(unsynced.types)";

/** The due jobs of one lane, locked. */
const inLane = (known: string) => `
      SELECT j.ctid, j.run_at, ${BYTES} AS bytes FROM millrace.jobs j
      WHERE ${fromGuard("claim")} AND j.queue = lane.queue AND j.priority = lane.priority
        AND j.run_at <= now() AND (j.run_at, j.id) >= (lane.run_at, lane.id) ${known}
      ORDER BY j.run_at, j.id
      LIMIT $5
      FOR UPDATE SKIP LOCKED`;

const LANES = `unnest($1::text[], $2::smallint[], $3::timestamptz[], $4::uuid[])
      WITH ORDINALITY AS lane(queue, priority, run_at, id, rank)`;

/**
 * Guarantees: a job goes to one caller; locked rows are skipped, not waited for.
 * Index: jobs_claimable_idx, in its own order, lane by lane. Later jobs and jobs of other lanes are not read, nor the
 * rows of jobs of unknown types: the index entries hold the type.
 * No row: no job of the caller's types is due.
 * The update goes by ctid: the rows are locked, so their ctids cannot change, and no second index look-up is paid.
 * The commit does not wait for the disk: if a claim is lost, its jobs are queued again, which is allowed. Its tokens
 * are lost with it, and must not be given to other runs. Tokens are the database's clock in us, which has then moved
 * on.
 */
const claimFrom = (picked: string) => `
  WITH unsynced AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true),
           (extract(epoch FROM now()) * 1000000)::bigint AS token, $8::text[] AS types
  ), due AS MATERIALIZED (
    SELECT picked.ctid, rank, (row_number() OVER so_far)::int AS n,
           CASE WHEN row_number() OVER so_far % ${MARK_EACH} = 1 THEN picked.run_at END AS mark,
           picked.bytes, sum(picked.bytes) OVER so_far - picked.bytes AS bytes_before
    FROM unsynced,
    ${picked}
    WINDOW so_far AS (ROWS UNBOUNDED PRECEDING)
    LIMIT $5
  )
  UPDATE millrace.jobs j
  SET state = ${toState("claim")}, lease_until = now() + $6 * interval '1 second',
      lease_token = greatest(j.lease_token + 1, (SELECT token FROM unsynced)), attempts = j.attempts + 1,
      last_run_at = CASE WHEN $9::boolean AND j.crashes >= ${SUSPECT_CRASHES} THEN NULL ELSE now() END,
      worker_id = $7, updated_at = now()
  FROM due WHERE j.ctid = due.ctid AND due.bytes_before < ${CLAIM_BYTES_MAX} AND ${rowGuard("claim")}
  RETURNING j.id, due.n, due.rank, nullif(due.bytes, 0) AS bytes, j.type, j.payload, j.lease_token, j.attempts,
            j.max_attempts, j.crashes, due.mark::text`;

const byLanes = (known: string) =>
  claimFrom(`${LANES},
    LATERAL (${inLane(known)}
    ) AS picked`);

/**
 * The same claim by turns of queues. In its first turn a queue gives at most its share; later turns take what the
 * shares left. A later turn of a queue passes over as many jobs as its earlier turn may take: a statement's own locks
 * do not hide rows from itself. If the two turns see different rows, a job may be picked twice; it is updated once.
 * Once the limit is reached, later turns are not evaluated.
 */
const byTurns = (known: string) =>
  claimFrom(`unnest($10::text[], $11::int[], $12::int[])
      WITH ORDINALITY AS turn(queue, "offset", most, step),
    LATERAL (
      SELECT found.ctid, found.run_at, found.bytes, lane.rank
      FROM ${LANES},
      LATERAL (${inLane(known)}
      ) AS found
      WHERE lane.queue = turn.queue
      OFFSET turn.offset LIMIT turn.most
    ) AS picked`);

const CLAIM = { any: byLanes(""), known: byLanes(KNOWN) };
const CLAIM_BY_TURNS = { any: byTurns(""), known: byTurns(KNOWN) };

/** Where a lane begins that has no mark yet. */
const START = { runAt: "-infinity", id: "00000000-0000-0000-0000-000000000000" };

/** What to claim, for whom, for how long. */
export interface ClaimRequest {
  lanes: readonly ClaimLane[];
  limit: number;
  /** 5 to 3,600. */
  leaseSeconds: number;
  workerId: string;
  /** Jobs of these types alone; absent: of any. */
  types?: readonly string[] | undefined;
  /** Whether the caller records by `beginRun` that a suspect begins. Until then, a crash is not the suspect's. */
  recordsSuspects?: boolean;
  /** How queues share the limit; absent: lane by lane, as they come. */
  turns?: readonly ClaimTurn[] | undefined;
  /** The name of a prepared statement to use; absent: PostgreSQL plans for the table as it is now. */
  preparedAs?: string | undefined;
}

/** What was claimed, and how far it came in some of its lanes. */
export interface ClaimedBatch {
  jobs: ClaimedJob[];
  /** About how many bytes each one's payload has; 0 for a small one. */
  bytes: number[];
  /** Why there may be more: the limit was reached, or the bytes one claim may carry; null when there is no more. */
  cutBy: "jobs" | "bytes" | null;
  /** The lanes that gave some. */
  lanesTakenFrom: Set<ClaimLane>;
  marks: ClaimedMark[];
}

interface ClaimedRow {
  id: string;
  /** Which of the claimed jobs it is, from 1: an update returns its rows in the order that suits its plan. */
  n: number;
  /** A bigint, which the driver gives as text. */
  rank: string;
  bytes: number | null;
  type: string;
  payload: ClaimedJob["payload"];
  lease_token: string;
  attempts: number;
  max_attempts: number;
  crashes: number;
  mark: string | null;
}

/**
 * Claims up to `limit` due jobs, and gives them lane by lane, each in its order. Concurrent callers never receive the
 * same run of a job.
 */
export async function claimJobs(db: Executor, request: ClaimRequest): Promise<ClaimedBatch> {
  const batch: ClaimedBatch = { jobs: [], bytes: [], cutBy: null, lanesTakenFrom: new Set(), marks: [] };
  let bytes = 0;
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
  ];
  const { rows } = await query(db, request, values);
  for (const row of (rows as ClaimedRow[]).sort((a, b) => a.n - b.n)) {
    const lane = lanes[Number(row.rank) - 1];
    if (lane === undefined) continue;
    batch.lanesTakenFrom.add(lane);
    batch.bytes.push(row.bytes ?? 0);
    bytes += row.bytes ?? 0;
    batch.jobs.push({
      id: row.id,
      queue: lane.queue,
      type: row.type,
      payload: row.payload,
      leaseToken: Number(row.lease_token),
      attempt: row.attempts,
      maxAttempts: row.max_attempts,
      crashes: row.crashes,
    });
    if (row.mark !== null) {
      batch.marks.push({ queue: lane.queue, priority: lane.priority, runAt: row.mark, id: row.id });
    }
  }
  if (batch.jobs.length === request.limit) batch.cutBy = "jobs";
  else if (bytes >= CLAIM_BYTES_MAX) batch.cutBy = "bytes";
  return batch;
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
