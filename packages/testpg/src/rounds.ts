/**
 * Returns how many rounds a test takes: `usual` in every run of the tests, and `long` where `MILLRACE_TEST_LONG` is
 * `yes`, as in the nightly workflow. For tests that search for what seldom happens: more rounds find more.
 */
export function rounds({ usual, long }: { usual: number; long: number }): number {
  return process.env.MILLRACE_TEST_LONG === "yes" ? long : usual;
}
