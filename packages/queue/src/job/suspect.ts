/**
 * A job with so many crashes is a suspect: it may be what kills its workers. Its first two crashes may be the fault of
 * a neighbour, a job that ran in the same worker and killed it. So a suspect runs with nothing beside it, and a crash
 * is only counted from when its handler begins (`beginRun`).
 */
export const SUSPECT_CRASHES = 2;

/** Whether a job is a suspect. */
export function isSuspect({ crashes }: { crashes: number }): boolean {
  return crashes >= SUSPECT_CRASHES;
}
