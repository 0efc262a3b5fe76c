import type { ClaimedJob } from "./job.ts";

/**
 * A first attempt that is claimed within so many ms of its enqueue still belongs to the enqueue's trace. Programs that
 * sample whole traces wait about so long for the spans of a trace: 30 s is the default of tail sampling in
 * OpenTelemetry's collector.
 */
const PROMPT_MS = 30_000;

/**
 * Whether a run is the first attempt of a job that was enqueued a moment ago, by the database's clock.
 *
 * The lease token says when the claim was made, unless the database's clock went back. A wrong answer changes only the
 * shape of a trace.
 */
export function isPrompt({ attempt, crashes, leaseToken }: ClaimedJob, createdAt: Date): boolean {
  return attempt === 1 && crashes === 0 && leaseToken / 1_000 - createdAt.getTime() <= PROMPT_MS;
}
