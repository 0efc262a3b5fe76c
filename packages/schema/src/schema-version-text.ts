import type { SchemaVersion } from "./schema-version.sql.ts";

const MIGRATE = "run `millrace migrate`";

/** Says how a database's schema compares with this release, as part of a sentence for people, and what to do. */
export function schemaVersionText({ relation, database, release, least, serves }: SchemaVersion): string {
  switch (relation) {
    case "same":
      return `the schema has the ${release} migrations of this release`;
    case "newer":
      return (
        `the schema is of a newer release: it has ${database} migrations, and this release ${release}` +
        (serves ? "" : `; it needs workers of a release with at least ${least}`)
      );
    case "older":
      return `the schema is older than this release: it has ${database} of ${release} migrations; ${MIGRATE}`;
    case "missing":
      return `the schema is missing; ${MIGRATE}`;
    case "unrecorded":
      return "the schema is there, but no migration is recorded, or this role may not read the record";
    default:
      return relation satisfies never;
  }
}
