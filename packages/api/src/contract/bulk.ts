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
 * A request works for about a second, and changes at most 10,000 jobs. While `done` is false, send the same request
 * again with the answer's `after` and `commandId`.
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
    /** How many jobs are as they were before the command. */
    restored: z.int(),
    /** How many jobs have changed since the command, and stay as they are. */
    left: z.int(),
  })
  .openapi("UndoAnswer");
