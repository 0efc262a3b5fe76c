/** What an observer is told of one claim. */
export interface ObservedClaim {
  /**
   * - `full`: the claim took as many jobs as it asked for, or as many bytes as a claim may: more jobs may be due.
   * - `partial`: the claim took every due job that it saw.
   * - `empty`: no job was due.
   * - `failed`: the database gave no answer, or an error. The claim may have taken jobs all the same.
   */
  result: "full" | "partial" | "empty" | "failed";
  /** How many jobs the claim took. */
  jobs: number;
  /** How long the claim took, in ms, with the look for lanes that came before, if a look was due. */
  durationMs: number;
}

/** Says what a claim came to. */
export function claimResult(jobs: number, isFull: boolean): Exclude<ObservedClaim["result"], "failed"> {
  if (isFull) return "full";
  return jobs > 0 ? "partial" : "empty";
}
