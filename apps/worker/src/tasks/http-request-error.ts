/** A request had no answer, or an unexpected answer, and may be tried again. */
export class HttpRequestError extends Error {
  readonly code = "HTTP_REQUEST";
  /** The answer's status; undefined without an answer. */
  readonly status: number | undefined;
  constructor(message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.name = "HttpRequestError";
    this.status = options.status;
  }
}
