import type { Environment } from "./environment.ts";

/**
 * Returns the major version that the tests run on, as an option of `startEmbeddedPostgres`, from TEST_POSTGRES_MAJOR.
 * For tests that start a server of their own.
 *
 * @example
 * const server = await startEmbeddedPostgres(testedMajor());
 */
export function testedMajor(env: Environment = process.env): { readonly major?: string } {
  const major = env.TEST_POSTGRES_MAJOR;
  return major ? { major } : {};
}
