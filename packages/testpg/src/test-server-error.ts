/** The kind of failure, as a literal that a caller can switch on. */
export type TestServerErrorCode =
  | "container_failed"
  | "data_folder_in_use"
  | "initdb_failed"
  | "no_server_user"
  | "port_in_use"
  | "postgres_download_failed"
  | "postgres_major_unavailable"
  | "postgres_package_altered"
  | "server_not_running"
  | "start_failed"
  | "start_timed_out"
  | "unsupported_platform"
  | "untrusted_folder";

/**
 * A PostgreSQL for tests failed to start or to run. The message ends with the last lines of the server's log, if any.
 */
export class TestServerError extends Error {
  readonly code: TestServerErrorCode;

  constructor(code: TestServerErrorCode, message: string, details: { log?: string; cause?: unknown } = {}) {
    super(details.log ? `${message}\n${details.log}` : message, { cause: details.cause });
    this.name = "TestServerError";
    this.code = code;
  }
}
