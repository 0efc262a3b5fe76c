import { defineTask, type Queue } from "@millrace/queue";
import { FINAL_STATES } from "@millrace/schema";
import { z } from "zod";
import { ageSchema } from "./age.ts";

const payloadSchema = z.strictObject({
  completed: ageSchema.nullable().prefault("7d"),
  failed: ageSchema.nullable().prefault("30d"),
  canceled: ageSchema.nullable().prefault("30d"),
});

/** `jobs.prune`: deletes finished jobs, by an age for each final state; null keeps that state for ever. */
export function jobsPruneTask({ queue }: { queue: Queue }) {
  return defineTask({
    name: "jobs.prune",
    payload: payloadSchema,
    async run(ages, { signal }) {
      let deleted = 0;
      for (const state of FINAL_STATES) {
        const olderThanMs = ages[state];
        if (olderThanMs !== null) deleted += await queue.prune({ olderThanMs, states: [state], signal });
        signal.throwIfAborted();
      }
      return { deleted };
    },
  });
}
