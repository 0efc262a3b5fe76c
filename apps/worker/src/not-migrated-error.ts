import type { SchemaVersion } from "@millrace/schema/migrations";

/**
 * The worker cannot work on the database's schema. The schema is missing or older than this release, and the
 * configuration forbids the worker to migrate; or a newer release has made a schema that this release cannot live with.
 */
export class NotMigratedError extends Error {
  readonly code = "NOT_MIGRATED";
  readonly version: SchemaVersion;
  constructor(version: SchemaVersion) {
    super(textOf(version));
    this.name = "NotMigratedError";
    this.version = version;
  }
}

function textOf({ relation, database, release, least }: SchemaVersion): string {
  if (relation === "newer") {
    return (
      `The database has the millrace schema of a newer release: ${database} migrations, and this release has ` +
      `${release}. It needs workers of a release with at least ${least} migrations. Start a worker of that release.`
    );
  }
  const found =
    relation === "missing"
      ? "The database has no millrace schema."
      : `The database has the millrace schema of an older release: ${database} of ${release} migrations.`;
  return `${found} Run \`millrace migrate\`, or start the worker with migrate on.`;
}
