/**
 * A job with this many crashes is a suspect: it may be the job that kills its workers. Its first crashes may be the
 * fault of another job, which ran in the same worker and killed it. So a suspect runs alone, and a crash is charged to
 * it only after its handler has begun (`beginRun`).
 */
export const SUSPECT_CRASHES = 2;

/** Whether a job is a suspect. */
export function isSuspect({ crashes }: { crashes: number }): boolean {
  return crashes >= SUSPECT_CRASHES;
}
