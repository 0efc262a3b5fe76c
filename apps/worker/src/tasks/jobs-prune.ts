import { DEFAULT_RETENTION_MS, defineTask, type PruneOptions, type Queue } from "@millrace/queue";
import { FINAL_STATES, type FinalState, INTEGER_MAX } from "@millrace/schema/values";
import { z } from "zod";
import { ageSchema } from "./age.ts";
import { PRUNE_TIMEOUT_MS } from "./prune-timeout.ts";

const limitsSchema = z
  .strictObject({ olderThan: ageSchema.optional(), keepLast: z.int().min(0).max(INTEGER_MAX).optional() })
  .refine((limits) => limits.olderThan !== undefined || limits.keepLast !== undefined, {
    error: "expected olderThan, keepLast or both",
  });

/** How many jobs of a state to keep: up to an age, within limits of age and number, or all. */
const keptSchema = z.union([
  ageSchema.transform((olderThanMs) => ({ olderThanMs })),
  limitsSchema.transform(({ olderThan, keepLast }) => ({
    ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
    ...(keepLast === undefined ? {} : { keepLast }),
  })),
  z.null(),
]);

const keptByDefault = (state: FinalState) => keptSchema.default({ olderThanMs: DEFAULT_RETENTION_MS[state] });

const payloadSchema = z.strictObject({
  completed: keptByDefault("completed"),
  failed: keptByDefault("failed"),
  canceled: keptByDefault("canceled"),
});

/**
 * `jobs.prune`: deletes finished jobs. Each final state has an age, a number of jobs to keep, or both; null keeps all
 * jobs of the state. A `retentionMs` of a job or of its queue comes before these limits.
 */
export function jobsPruneTask({ queue }: { queue: Queue }) {
  return defineTask({
    name: "jobs.prune",
    timeoutMs: PRUNE_TIMEOUT_MS,
    payload: payloadSchema,
    async run(kept, { signal }) {
      let deleted = 0;
      for (const state of FINAL_STATES) {
        const limits: PruneOptions | null = kept[state];
        if (limits !== null) deleted += await queue.prune({ ...limits, states: [state], signal });
        signal.throwIfAborted();
      }
      return { deleted };
    },
  });
}
