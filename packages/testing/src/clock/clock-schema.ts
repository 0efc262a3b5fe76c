/** The schema of the test clock's functions. It stands before `pg_catalog` in the search path of a test database. */
export const CLOCK_SCHEMA = "millrace_test_clock";
