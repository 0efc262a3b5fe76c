export { checkFields } from "./check/check-fields.ts";
export { checkSignal } from "./check/check-signal.ts";
export { checkText } from "./check/check-text.ts";
export { type FieldProblem, fieldNames, fieldProblem } from "./check/field-problem.ts";
export { integerIn } from "./check/integer-in.ts";
export { isUuid } from "./check/is-uuid.ts";
export { nearName } from "./check/near-name.ts";
export { reasonOf } from "./check/reason-of.ts";
export { kindOf, shown } from "./check/shown.ts";
export { isStorableJson, isStorableText, UNSTORABLE_CHARACTERS } from "./check/storable.ts";
export { InvalidOptionError, MillraceError, NoAnswerError } from "./errors.ts";
export { type Batcher, type BatcherOptions, createBatcher } from "./loop/batcher.ts";
export { type Beat, type BeatOptions, startBeat } from "./loop/beat.ts";
export { type Clock, machineNow, processNow, systemClock, whileAlive } from "./loop/clock.ts";
export { pause } from "./loop/pause.ts";
export { createPermits, type Permits } from "./loop/permits.ts";
export { type AnswerLimit, limitWait } from "./postgres/answer-limit.ts";
export { driverValue } from "./postgres/driver-value.ts";
export { ignoreIdleCuts, type TellsOfIdleCuts } from "./postgres/ignore-idle-cuts.ts";
export { canBegin, inPoolTransaction, inSavepoint, inTransaction } from "./postgres/in-transaction.ts";
export { inTurn } from "./postgres/in-turn.ts";
export { isPoolOfOne } from "./postgres/is-pool-of-one.ts";
export {
  type ConnectionPool,
  type Lender,
  type LentConnection,
  onConnection,
  type PooledConnection,
  type Statement,
} from "./postgres/lent-connection.ts";
export { type LendingPool, limitedExecutor, poolBeneath } from "./postgres/limited-executor.ts";
export {
  type ListenClient,
  type ListenerOptions,
  type ListenPool,
  startListener,
} from "./postgres/listener.ts";
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
  isPgPool,
  type PgPool,
  type PreparingExecutor,
  preparingExecutor,
} from "./postgres/preparing-executor.ts";
export {
  checkQueryable,
  type DrizzleExecutor,
  type Executor,
  executorOf,
  isWholeDatabase,
  type Queryable,
  queryPrepared,
} from "./postgres/queryable.ts";
