/** The part of a pool that reports when an idle connection was cut. */
export interface TellsOfIdleCuts {
  listeners(event: "error"): unknown[];
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * Keeps the loss of an idle connection from ending the process. Adds one listener to a pool, however many workers use
 * the pool. The listener stays for ever, because the connections stay in the pool after a worker stops.
 *
 * Ignoring the error is safe: the pool replaces the connection, and a connection in use fails its statement.
 */
export function ignoreIdleCuts(pool: TellsOfIdleCuts): void {
  if (!pool.listeners("error").includes(ignore)) pool.on("error", ignore);
}

function ignore(): void {}
