/** A job with so many crashes is a suspect: the first two may be of a neighbour that killed their worker. */
export const SUSPECT_CRASHES = 2;

/** Whether a job may be what kills its workers: then it runs with nothing beside it. */
export function isSuspect({ crashes }: { crashes: number }): boolean {
  return crashes >= SUSPECT_CRASHES;
}
