import type { Clock, Executor } from "@millrace/base";

/**
 * Returns an executor that tells how long each answered statement took, in ms. If nobody asks, returns the executor
 * itself.
 */
export function timedExecutor(
  db: Executor,
  { clock, onAnswered }: { clock: Clock; onAnswered: ((durationMs: number) => void) | undefined },
): Executor {
  if (onAnswered === undefined) return db;
  const timed = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
    const sentAt = clock.now();
    const answered = await answer;
    onAnswered(clock.now() - sentAt);
    return answered;
  };
  const { queryPrepared } = db;
  return {
    query: (text, values) => timed(db.query(text, values)),
    ...(queryPrepared === undefined
      ? {}
      : { queryPrepared: (name, text, values) => timed(queryPrepared.call(db, name, text, values)) }),
  };
}
