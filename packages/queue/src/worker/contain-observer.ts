import type { WorkerObserver } from "./worker-observer.ts";

const NAMES = [
  "attached",
  "event",
  "claimed",
  "waited",
  "settled",
  "renewed",
  "enqueued",
] as const satisfies readonly (keyof WorkerObserver)[];

/**
 * Returns an observer that never throws, with the functions that the given one has. What a function throws, or rejects
 * with, goes to `report`. Metrics that are broken must neither fail an enqueue nor keep a job from its run.
 */
export function containObserver(
  observer: WorkerObserver,
  report: (error: unknown, name: keyof WorkerObserver) => void,
): WorkerObserver {
  const contained = NAMES.flatMap((name) => {
    const tell: unknown = observer[name];
    if (typeof tell !== "function") return [];
    const quietly = (...told: unknown[]): void => {
      try {
        const answer: unknown = tell.apply(observer, told);
        if (answer instanceof Promise) answer.catch((error: unknown) => report(error, name));
      } catch (error) {
        report(error, name);
      }
    };
    return [[name, quietly] as const];
  });
  // Each function takes what the function of the same name takes.
  return Object.fromEntries(contained);
}
