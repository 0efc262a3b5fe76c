/** The greatest value of an `integer` column: `max_attempts`, `crashes`. */
export const INTEGER_MAX = 2_147_483_647;

/** The values of a `smallint` column: `priority`. */
export const PRIORITY_MIN = -32_768;
export const PRIORITY_MAX = 32_767;

/** The longest delay, and the greatest age, in ms: a hundred years of 365.25 days. `run_at` and intervals hold it. */
export const DELAY_MS_MAX = 36_525 * 86_400_000;
