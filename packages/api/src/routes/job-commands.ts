import type { z } from "@hono/zod-openapi";
import {
  type BulkResult,
  type InTransaction,
  JobLockedError,
  JobStateError,
  type Queue,
} from "@millrace/queue";
import { jobChanged } from "../contract/job.ts";
import { type ApiParts, define } from "../operation.ts";
import { jobParams } from "./jobs-read.ts";
import { recorded } from "./recorded.ts";

type JobChanged = z.input<typeof jobChanged>;

/** A command on one job, as a route has it. */
interface JobCommand {
  route: "POST /jobs/{id}/cancel" | "POST /jobs/{id}/retry" | "POST /jobs/{id}/run-now";
  summary: string;
  description: string;
  /** Gives the command, and returns its result. */
  run(queue: Queue, id: string, options: InTransaction): Promise<string>;
}

const COMMANDS: readonly JobCommand[] = [
  {
    route: "POST /jobs/{id}/cancel",
    summary: "Cancel a job",
    description:
      "Cancels a queued job, or asks the run of a running job to stop: `canceled` or `cancel-requested`.",
    run: (queue, id, options) => queue.cancel(id, options),
  },
  {
    route: "POST /jobs/{id}/retry",
    summary: "Retry a job",
    description: "Queues a completed, failed or canceled job again, due now and with all of its attempts.",
    run: (queue, id, options) => queue.retry(id, options).then(() => "queued"),
  },
  {
    route: "POST /jobs/{id}/run-now",
    summary: "Run a job now",
    description: "Makes a queued job due now, whatever it waits for.",
    run: (queue, id, options) => queue.runNow(id, options).then(() => "queued"),
  },
];

/** Adds the commands on one job. */
export function addJobCommands(parts: ApiParts): void {
  const { context } = parts;
  for (const { run, ...about } of COMMANDS) {
    define(
      parts,
      { ...about, tag: "jobs", params: jobParams, answer: jobChanged },
      async ({ access, params: { id } }) => {
        const queue = context.queue(access);
        return { id, ...(await recorded(context.pool, (tx) => run(queue, id, { tx }))) };
      },
    );
  }
  define(
    parts,
    {
      route: "DELETE /jobs/{id}",
      tag: "jobs",
      summary: "Delete a job",
      description: "Deletes a queued or ended job with its attempts. A running job is to be canceled first.",
      params: jobParams,
      answer: jobChanged,
    },
    ({ access, params: { id } }) => remove(context.queue(access), id),
  );
}

async function remove(queue: Queue, id: string): Promise<JobChanged> {
  const result = await queue.deleteMany({ ids: [id] });
  if (result.changed > 0) return { id, result: "deleted", commandId: null };
  throw await whyNotDeleted(queue, id, result);
}

/** Says why a job was not deleted. Throws `JobNotFoundError` if there is no such job. */
async function whyNotDeleted(queue: Queue, id: string, { skipped }: BulkResult): Promise<Error> {
  const job = await queue.get(id);
  if (job.state === "running") {
    return new JobStateError(job, "delete", { because: "it is running. Cancel the job first." });
  }
  if (skipped > 0) return new JobLockedError(id);
  const because = "its idempotency key is taken for a period that is not over. Delete the job later.";
  return new JobStateError(job, "delete", { because });
}
