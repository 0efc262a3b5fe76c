/** The command line, a file or a variable cannot be used. The command has done nothing. */
export class UsageError extends Error {
  readonly code = "USAGE";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UsageError";
  }
}
