/** A request that was not answered, or not as expected, and may be tried again. */
export class HttpRequestError extends Error {
  readonly code = "HTTP_REQUEST";
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  constructor(message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.name = "HttpRequestError";
    this.status = options.status;
  }
}
