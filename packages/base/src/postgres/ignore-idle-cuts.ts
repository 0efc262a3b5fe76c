/** The part of a pool that reports idle connections that were cut. */
export interface TellsOfIdleCuts {
  listeners(event: "error"): unknown[];
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * Keeps the loss of a pool's idle connection from ending the process, once for a pool, however many workers use it. The
 * listener is never removed: connections that a worker used stay in the pool after the worker, and may be cut then.
 * Nothing is lost by ignoring the error: the pool replaces the connection, and a connection in use fails its statement.
 */
export function ignoreIdleCuts(pool: TellsOfIdleCuts): void {
  if (!pool.listeners("error").includes(ignore)) pool.on("error", ignore);
}

function ignore(): void {}
