/** The greatest value of an `integer` column, such as `max_attempts` and `crashes`. */
export const INTEGER_MAX = 2_147_483_647;

/** The smallest value of a `smallint` column, such as `priority`. */
export const PRIORITY_MIN = -32_768;
/** The greatest value of a `smallint` column, such as `priority`. */
export const PRIORITY_MAX = 32_767;

/**
 * The greatest size of a payload as JSON text, in bytes. The limit protects claims, which read many payloads at once.
 */
export const PAYLOAD_BYTES_MAX = 4_194_304;

/**
 * The longest delay and the greatest age, in ms: a hundred years of 365.25 days, which `run_at` and intervals can hold.
 */
export const DELAY_MS_MAX = 36_525 * 86_400_000;
