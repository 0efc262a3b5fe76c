/** The database has no millrace schema, and this worker was told not to make it. */
export class NotMigratedError extends Error {
  readonly code = "NOT_MIGRATED";
  constructor() {
    super(
      "The database has no millrace schema. Run `millrace migrate`, or start the worker with migrate on.",
    );
    this.name = "NotMigratedError";
  }
}
