import { z } from "@hono/zod-openapi";
import { jobId, name } from "./common.ts";
import { jobSelection } from "./job.ts";

/** The commands on many jobs. */
export const BULK_ACTIONS = ["retry", "run-now", "cancel", "delete"] as const;

export const bulkAction = z.enum(BULK_ACTIONS);

/** Which jobs to change: a selection, all jobs, or the failed jobs of one kind. */
export const bulkFilter = z.union([
  z.strictObject({ all: z.literal(true) }),
  jobSelection,
  z.strictObject({
    /** Failed jobs whose type, queue and error's fingerprint are these, as `failures` groups them. */
    kind: z.strictObject({ type: name, queue: name, fingerprint: z.string().max(1_000) }),
  }),
]);

/**
 * A request changes what one part of a second allows, at most 10,000 jobs. When `done` is false, send the same request
 * with the answer's `after` and `commandId`, until it is true.
 */
export const bulkRequest = z
  .strictObject({
    filter: bulkFilter,
    /** Changes nothing, and counts. Default false. */
    dryRun: z.boolean().default(false),
    /** How many jobs to change at most, in this request. */
    limit: z.int().min(1).max(10_000).default(10_000),
    after: jobId.optional(),
    commandId: z.uuid().optional(),
  })
  .openapi("BulkRequest");

export const bulkAnswer = z
  .object({
    changed: z.int(),
    skipped: z.int(),
    cancelRequested: z.int(),
    done: z.boolean(),
    after: jobId.nullable(),
    /** Null for a dry run. */
    commandId: z.uuid().nullable(),
  })
  .openapi("BulkAnswer");

/** What an undo did. */
export const undoAnswer = z
  .object({
    /** How many jobs are again as they were. */
    restored: z.int(),
    /** How many jobs have moved on since, and stay as they are. */
    left: z.int(),
  })
  .openapi("UndoAnswer");
