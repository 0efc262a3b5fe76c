/** How many jobs the ticks of a schedule may make, and have made. */
export interface RunLimit {
  /** Null: any number. */
  maxRuns: number | null;
  runs: number;
}

/** Returns how many jobs the ticks may still make. Null: any number. */
export function runsLeft({ maxRuns, runs }: RunLimit): number | null {
  return maxRuns === null ? null : Math.max(0, maxRuns - runs);
}
