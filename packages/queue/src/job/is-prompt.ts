import type { ClaimedJob } from "./job.ts";

/**
 * A first attempt that is claimed within so many ms of its enqueue still belongs to the enqueue's trace. Programs that
 * sample whole traces wait about so long for the spans of a trace: 30 s is the default of tail sampling in
 * OpenTelemetry's collector.
 */
const PROMPT_MS = 30_000;

/**
 * Whether a run is the first attempt of a job that was enqueued a moment ago. `claimedAfterMs` is how long after its
 * enqueue the job was claimed, by the database's clock.
 */
export function isPrompt(
  { attempt, crashes }: Pick<ClaimedJob, "attempt" | "crashes">,
  claimedAfterMs: number,
): boolean {
  return attempt === 1 && crashes === 0 && claimedAfterMs <= PROMPT_MS;
}
