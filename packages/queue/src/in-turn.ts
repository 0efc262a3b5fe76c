import { AsyncLocalStorage } from "node:async_hooks";

/** The last call on each connection. */
const lastCalls = new WeakMap<object, Promise<unknown>>();

/** The connections whose turn the code that runs now is part of. */
const ownTurns = new AsyncLocalStorage<ReadonlySet<object>>();

/**
 * Runs `work` when every earlier call on this connection has ended. Of two calls side by side in one transaction, one
 * that fails is undone to its savepoint, and would take with it what the other wrote meanwhile. A call made by `work`
 * itself, for instance by an iterable that a bulk reads, is part of the same turn.
 */
export function inTurn<Result>(connection: object, work: () => Promise<Result>): Promise<Result> {
  const turns = ownTurns.getStore();
  if (turns?.has(connection)) return work();
  const mine = new Set([...(turns ?? []), connection]);
  const earlier = lastCalls.get(connection) ?? Promise.resolve();
  const running = earlier.then(() => ownTurns.run(mine, work));
  lastCalls.set(
    connection,
    running.catch(() => undefined),
  );
  return running;
}
