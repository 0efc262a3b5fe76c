import { VIEWED } from "./viewed-columns.ts";

/**
 * The roles for programs and people that use Millrace. They are groups: nobody logs in as one of them. A login role
 * becomes a member by `GRANT millrace_worker TO app`.
 */
export const MILLRACE_ROLES = [
  "millrace_producer",
  "millrace_worker",
  "millrace_viewer",
  "millrace_admin",
] as const;

/** One of `MILLRACE_ROLES`. */
export type MillraceRole = (typeof MILLRACE_ROLES)[number];

/** The name of a role without `millrace_`, as the tables below have it. */
type ShortRole = "producer" | "worker" | "viewer" | "admin";

/** What a role may do with a relation. */
export interface RelationRights {
  /** The columns that may be read: all, or the named ones. Absent: none. */
  select?: "all" | { only: readonly string[] };
  /** Which other rights the role has on all columns. */
  write?: readonly ("INSERT" | "UPDATE" | "DELETE")[];
  /** The columns that an INSERT may set, for a role that may not set all. */
  insert?: { only: readonly string[] };
  /** The columns that an UPDATE may set, for a role that may not set all. */
  update?: { only: readonly string[] };
}

const READ: RelationRights = { select: "all" };
const WRITE: RelationRights = { select: "all", write: ["INSERT", "UPDATE", "DELETE"] };
const NONE: RelationRights = {};

/**
 * The columns of waiting jobs that a producer sets, by the statements of an enqueue and by an INSERT into the view
 * `jobs`. The counters of claims are missing: a claim adds one to them, and a counter at its limit would fail every
 * claim of the queue.
 */
const ENQUEUED: readonly string[] = [
  "id",
  "queue",
  "type",
  "payload",
  "priority",
  "run_at",
  "worker_id",
  "max_attempts",
  "last_error",
  "last_run_at",
  "idempotency_key",
  "schedule_id",
  "created_at",
  "updated_at",
  "progress",
  "settings",
];

/**
 * What each role may do with each table and view of the schema. A relation that a migration adds gets a line here: a
 * test compares this list with a migrated database.
 *
 * A statement with FOR UPDATE or FOR SHARE needs the right to update. `xmax` tells a viewer who has locked a job.
 */
export const RELATIONS: Readonly<Record<string, Readonly<Record<ShortRole, RelationRights>>>> = {
  waiting_jobs: {
    producer: { select: { only: ["id", "queue", "priority", "run_at"] }, insert: { only: ENQUEUED } },
    worker: WRITE,
    viewer: { select: { only: VIEWED.waiting_jobs } },
    admin: WRITE,
  },
  // Only workers and recovery write claims: an operator's transaction must not hold a running job up.
  claims: {
    producer: { select: { only: ["ids"] } },
    worker: WRITE,
    viewer: { select: { only: VIEWED.claims } },
    admin: READ,
  },
  ended_jobs: {
    // `settings` says which job a canceled job waited for.
    producer: { select: { only: ["id", "settings"] } },
    worker: WRITE,
    viewer: { select: { only: VIEWED.ended_jobs } },
    admin: WRITE,
  },
  job_keys: {
    producer: { select: "all", write: ["INSERT"] },
    worker: WRITE,
    viewer: READ,
    admin: WRITE,
  },
  job_payloads: {
    producer: { write: ["INSERT"] },
    worker: WRITE,
    viewer: { select: { only: VIEWED.job_payloads } },
    admin: WRITE,
  },
  cancel_requests: { producer: NONE, worker: WRITE, viewer: READ, admin: WRITE },
  job_attempts: { producer: NONE, worker: WRITE, viewer: READ, admin: WRITE },
  job_waits: { producer: NONE, worker: WRITE, viewer: READ, admin: WRITE },
  // Whether somebody sleeps decides whether an enqueue notifies.
  workers: { producer: { select: { only: ["asleep"] } }, worker: WRITE, viewer: READ, admin: READ },
  job_queues: { producer: NONE, worker: READ, viewer: READ, admin: WRITE },
  queue_minutes: { producer: NONE, worker: WRITE, viewer: READ, admin: READ },
  job_schedules: {
    producer: { select: { only: ["id"] } },
    worker: WRITE,
    viewer: { select: { only: VIEWED.job_schedules } },
    admin: WRITE,
  },
  job_schedule_ticks: { producer: NONE, worker: WRITE, viewer: READ, admin: WRITE },
  // A worker only prunes the log. It can neither read what was changed nor write entries.
  audit_log: {
    producer: NONE,
    worker: { select: { only: ["id", "at"] }, write: ["DELETE"] },
    viewer: NONE,
    // A step of a command adds to the count of its entry. Nobody rewrites who did what.
    admin: { select: "all", write: ["INSERT"], update: { only: ["changed"] } },
  },
  jobs: {
    // With RETURNING id, an INSERT reads the column.
    producer: { select: { only: ["id"] }, write: ["INSERT"] },
    worker: { select: "all", write: ["INSERT"] },
    viewer: { select: { only: VIEWED.jobs } },
    admin: { select: "all", write: ["INSERT"] },
  },
  running_jobs: {
    producer: NONE,
    worker: READ,
    viewer: { select: { only: VIEWED.running_jobs } },
    admin: READ,
  },
  audit_entries: { producer: NONE, worker: NONE, viewer: READ, admin: READ },
  schedule_entries: { producer: NONE, worker: READ, viewer: READ, admin: READ },
  view_refreshes: { producer: NONE, worker: WRITE, viewer: READ, admin: READ },
  migrations: { producer: READ, worker: READ, viewer: READ, admin: READ },
};

/** System columns that a role may read besides. PostgreSQL grants them as it grants others. */
export const SYSTEM_COLUMNS: Readonly<Record<string, Partial<Record<ShortRole, readonly string[]>>>> = {
  waiting_jobs: { viewer: ["xmax"] },
};

const ENQUEUERS: readonly ShortRole[] = ["producer", "worker", "admin"];
const CHANGERS: readonly ShortRole[] = ["worker", "admin"];
const READERS: readonly ShortRole[] = ["worker", "viewer", "admin"];
const ALL: readonly ShortRole[] = ["producer", "worker", "viewer", "admin"];

/**
 * Which roles may execute each function, by the function's name. Functions that only other functions call, and trigger
 * functions, have the roles of their callers. A function that a migration adds gets a line here, as a test demands.
 */
export const FUNCTIONS: Readonly<Record<string, readonly ShortRole[]>> = {
  enqueue: ENQUEUERS,
  insert_job: ENQUEUERS,
  existing_schedule: ENQUEUERS,
  free_expired_keys: ENQUEUERS,
  replace_jobs: ENQUEUERS,
  follow_jobs: ENQUEUERS,
  free_followers: ENQUEUERS,
  uuid_v7: ALL,
  least_schema: ALL,
  refuse_job_change: ENQUEUERS,
  backlog: READERS,
  cancel_job: CHANGERS,
  retry_job: CHANGERS,
  run_job_now: CHANGERS,
  record_command: CHANGERS,
  refuse_command: CHANGERS,
  refuse_waiting: CHANGERS,
  settings_to_run_now: CHANGERS,
  waited_for: CHANGERS,
};

/** Returns a role's name without `millrace_`. */
export function shortRole(role: MillraceRole): ShortRole {
  // The cast is safe: each name of `MILLRACE_ROLES` is `millrace_` and a short name.
  return role.slice("millrace_".length) as ShortRole;
}
