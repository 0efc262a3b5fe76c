/** What went wrong, as a literal a caller can switch on. */
export type TestServerErrorCode =
  | "container_failed"
  | "data_folder_in_use"
  | "initdb_failed"
  | "no_server_user"
  | "port_in_use"
  | "postgres_major_unavailable"
  | "server_not_running"
  | "start_failed"
  | "start_timed_out"
  | "unsupported_platform"
  | "untrusted_folder";

/** A PostgreSQL for tests that could not be had. The message ends with the tail of the server's log. */
export class TestServerError extends Error {
  readonly code: TestServerErrorCode;

  constructor(code: TestServerErrorCode, message: string, details: { log?: string; cause?: unknown } = {}) {
    super(details.log ? `${message}\n${details.log}` : message, { cause: details.cause });
    this.name = "TestServerError";
    this.code = code;
  }
}
