import { type Executor, InvalidOptionError } from "@millrace/queue";
import { DELAY_MS_MAX } from "@millrace/schema/values";
import { CLOCK_SCHEMA } from "./clock-schema.ts";
import { advanceClock, moveClockTo, readNow, readStanding } from "./move-clock.sql.ts";
import { TestClockError } from "./test-clock-error.ts";

/** The clock of a test database. All sessions of the database see it move. */
export interface TestClock {
  /** The database's clock. */
  now(): Promise<Date>;
  /** Moves the clock forwards by `ms`, from 0 to 3,155,760,000,000. Throws `TestClockError`, `InvalidOptionError`. */
  advance(ms: number): Promise<void>;
  /**
   * Moves the clock to an instant, from which it goes on. Moves back only in a database without jobs and schedules.
   * Throws `TestClockError`, `InvalidOptionError`.
   */
  travelTo(instant: Date): Promise<void>;
}

/** The clock of the database of a pool. `moveTo` takes an instant as text, to the microsecond. */
export function testClock(db: Executor): TestClock & { moveTo(instant: string): Promise<void> } {
  const moveTo = async (instant: string): Promise<void> => {
    await checkStanding(db);
    if (await moveClockTo(db, instant)) return;
    const now = (await readNow(db)).toISOString();
    const message =
      `Cannot move the clock back from ${now} to ${instant}: the database has jobs or schedules, and a clock that ` +
      "goes back would break their order. Move the clock before you enqueue, or use a fresh database.";
    throw new TestClockError("TEST_CLOCK_BACKWARDS", message);
  };
  return {
    now: () => readNow(db),
    async advance(ms) {
      if (!(ms >= 0 && ms <= DELAY_MS_MAX)) {
        throw new InvalidOptionError("ms", `a number of ms from 0 to ${DELAY_MS_MAX}`, ms);
      }
      await checkStanding(db);
      await advanceClock(db, ms);
    },
    async travelTo(instant) {
      if (!(instant instanceof Date) || Number.isNaN(instant.getTime())) {
        throw new InvalidOptionError("instant", "a valid Date", instant);
      }
      await moveTo(instant.toISOString());
    },
    moveTo,
  };
}

/** Throws `TestClockError` unless the statements of the pool's connections see a test clock. */
async function checkStanding(db: Executor): Promise<void> {
  const { isInstalled, isSeen, path } = await readStanding(db);
  if (isSeen) return;
  if (!isInstalled) {
    const message =
      "This database has no test clock, so its time cannot be moved. Create the database by `createTestDatabase`, " +
      "`startPostgres` or `useTestDatabase` of @millrace/testing.";
    throw new TestClockError("NO_TEST_CLOCK", message);
  }
  const message =
    `The connection's search_path is ${path}, and hides the test clock. End the path with ` +
    `\`${CLOCK_SCHEMA}, pg_catalog\`, or leave the path to the database.`;
  throw new TestClockError("TEST_CLOCK_HIDDEN", message);
}
