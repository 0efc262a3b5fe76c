/** Limits how many pieces of work run at once. Further work waits in the order of the calls. */
export interface Permits {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Creates permits for `max` pieces of work at once. */
export function createPermits(max: number): Permits {
  const waiting: (() => void)[] = [];
  let free = max;
  return {
    async run(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        // Hands the permit to the next waiting work.
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
