import { AsyncLocalStorage } from "node:async_hooks";

/** One call's turn on a connection. Calls that the call's own work makes have turns within this turn. */
interface Turn {
  /** The last call within this turn. */
  last: Promise<unknown>;
  ended: boolean;
}

/** The last call on each connection. */
const lastCalls = new WeakMap<object, Promise<unknown>>();

/** The turns, by connection, that the running code is part of. */
const ownTurns = new AsyncLocalStorage<ReadonlyMap<object, Turn>>();

/**
 * Runs `work` when every earlier call on this connection has ended. Calls on one transaction run one after the other.
 * If two ran at once and one failed, its rollback to the savepoint would also undo what the other wrote. A call made
 * inside `work` does not wait for `work`; it waits only for earlier calls inside `work`.
 */
export function inTurn<Result>(connection: object, work: () => Promise<Result>): Promise<Result> {
  const outer = ownTurns.getStore();
  const around = outer?.get(connection);
  // Code that runs on after its turn has ended takes turns like any other code.
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
