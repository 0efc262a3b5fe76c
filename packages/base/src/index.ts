export { checkFields } from "./check/check-fields.ts";
export { checkNode } from "./check/check-node.ts";
export { checkSignal } from "./check/check-signal.ts";
export { checkText } from "./check/check-text.ts";
export { fieldNames, fieldProblem } from "./check/field-problem.ts";
export { integerIn } from "./check/integer-in.ts";
export { isUuid } from "./check/is-uuid.ts";
export { nearName } from "./check/near-name.ts";
export { reasonOf } from "./check/reason-of.ts";
export { kindOf, shown } from "./check/shown.ts";
export { isStorableJson, isStorableText, UNSTORABLE_CHARACTERS } from "./check/storable.ts";
export {
  InvalidOptionError,
  MillraceError,
  MissingPackageError,
  NoAnswerError,
  UnsupportedNodeError,
} from "./errors.ts";
export { type Batcher, createBatcher } from "./loop/batcher.ts";
export { type Beat, startBeat } from "./loop/beat.ts";
export { type Clock, machineNow, processNow, systemClock, whileAlive } from "./loop/clock.ts";
export { pause } from "./loop/pause.ts";
export { createPermits, type Permits } from "./loop/permits.ts";
export type { AnswerLimit } from "./postgres/answer-limit.ts";
export { connectClient } from "./postgres/connect-client.ts";
export { createPool, findsPrimary } from "./postgres/create-pool.ts";
export { type DatabaseHosts, databaseHosts } from "./postgres/database-hosts.ts";
export { ignoreIdleCuts } from "./postgres/ignore-idle-cuts.ts";
export { canBegin, inPoolTransaction, inSavepoint, inTransaction } from "./postgres/in-transaction.ts";
export { inTurn } from "./postgres/in-turn.ts";
export { isPoolOfOne } from "./postgres/is-pool-of-one.ts";
export { type ConnectionPool, onConnection, type PooledConnection } from "./postgres/lent-connection.ts";
export { limitedExecutor, poolBeneath } from "./postgres/limited-executor.ts";
export { type ListenPool, startListener } from "./postgres/listener.ts";
export { NoPrimaryError, type TriedServer } from "./postgres/no-primary-error.ts";
export {
  cameTooLate,
  databaseErrorOf,
  isDataError,
  isLockTimeout,
  isRefusal,
  isSchemaMissing,
  isTransient,
  sqlStateOf,
} from "./postgres/pg-errors.ts";
export {
  checkQueryable,
  type DrizzleExecutor,
  type Executor,
  executorOf,
  isWholeDatabase,
  type Queryable,
  queryPrepared,
} from "./postgres/queryable.ts";
export { type PathState, rootState } from "./redact/path-state.ts";
export { pathsAnywhere, pathsBelow, type RedactedPath, redactedPaths } from "./redact/redacted-path.ts";
export { closeServer, isPortTaken, type ListenAddress, listen, listenProblem } from "./serve/listen.ts";
