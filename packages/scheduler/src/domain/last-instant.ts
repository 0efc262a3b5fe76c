/**
 * The last instant of a tick, in ms: the end of the year 9999. PostgreSQL does not read the text of later years as
 * JavaScript writes it.
 */
export const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
