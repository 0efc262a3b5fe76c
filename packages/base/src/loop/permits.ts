/** Limits how much work runs at once. Further work waits, in the order it came. */
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
        // The permit goes to the next work in line, or back.
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
}
