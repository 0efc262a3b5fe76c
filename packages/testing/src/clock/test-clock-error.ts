import { MillraceError } from "@millrace/queue";

/** Why the database's clock was not moved. */
export type TestClockErrorCode = "NO_TEST_CLOCK" | "TEST_CLOCK_HIDDEN" | "TEST_CLOCK_BACKWARDS";

/**
 * The database's clock was not moved:
 * - `NO_TEST_CLOCK`: the database was not created by this package. No other database has a clock that can be moved.
 * - `TEST_CLOCK_HIDDEN`: the connection has a search path without the schema of the test clock.
 * - `TEST_CLOCK_BACKWARDS`: the instant lies before now, and the database has jobs or schedules.
 */
export class TestClockError extends MillraceError {
  readonly code: TestClockErrorCode;
  constructor(code: TestClockErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
