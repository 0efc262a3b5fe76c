/** The command line, or a file or variable it names, cannot be used. Nothing was done. */
export class UsageError extends Error {
  readonly code = "USAGE";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UsageError";
  }
}
