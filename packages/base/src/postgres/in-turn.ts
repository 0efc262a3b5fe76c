import { AsyncLocalStorage } from "node:async_hooks";

/**
 * A call's turn on a connection. If the call's work calls `inTurn` again, the inner call has a turn within this turn.
 */
interface Turn {
  /** Settles when the last call within this turn has ended. */
  last: Promise<unknown>;
  ended: boolean;
}

/** For each connection, a promise that settles when the last call has ended. */
const lastCalls = new WeakMap<object, Promise<unknown>>();

/** The turns that the running code is part of, by connection. */
const ownTurns = new AsyncLocalStorage<ReadonlyMap<object, Turn>>();

/**
 * Runs `work` after all earlier calls on this connection. If two calls on a transaction ran at once and one failed, its
 * rollback to the savepoint would also undo the writes of the other call.
 *
 * A call inside `work` waits only for earlier calls inside `work`, so that it does not wait for `work` to end.
 */
export function inTurn<Result>(connection: object, work: () => Promise<Result>): Promise<Result> {
  const outer = ownTurns.getStore();
  const around = outer?.get(connection);
  // If the surrounding turn has ended, the code still runs, but its call waits for all earlier calls.
  const parent = around?.ended === false ? around : undefined;
  const turn: Turn = { last: Promise.resolve(), ended: false };
  const mine = new Map([...(outer ?? []), [connection, turn]]);
  const earlier = parent?.last ?? lastCalls.get(connection) ?? Promise.resolve();
  const running = earlier
    .then(() => ownTurns.run(mine, work))
    .finally(() => {
      turn.ended = true;
    });
  const settled = running.catch(() => undefined);
  if (parent === undefined) lastCalls.set(connection, settled);
  else parent.last = settled;
  return running;
}
