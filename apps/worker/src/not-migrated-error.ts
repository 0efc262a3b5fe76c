import type { SchemaVersion } from "@millrace/schema/migrations";

/** The millrace schema is missing or older than this release, and the configuration forbids the worker to migrate. */
export class NotMigratedError extends Error {
  readonly code = "NOT_MIGRATED";
  readonly version: SchemaVersion;
  constructor(version: SchemaVersion) {
    const { relation, database, release } = version;
    const found =
      relation === "missing"
        ? "The database has no millrace schema."
        : `The database has the millrace schema of an older release: ${database} of ${release} migrations.`;
    super(`${found} Run \`millrace migrate\`, or start the worker with migrate on.`);
    this.name = "NotMigratedError";
    this.version = version;
  }
}
