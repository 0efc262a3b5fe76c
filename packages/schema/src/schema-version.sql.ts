import { readMigrations } from "./read-migrations.ts";

/** What can read: a pg pool or client, or an executor of Millrace's other packages. */
interface Reader {
  query(text: string): Promise<{ rows: unknown[] }>;
}

/** How a database's millrace schema compares with the schema of this release. */
export interface SchemaVersion {
  /**
   * The database's schema, compared with this release.
   * - `missing`: the table `millrace.jobs` does not exist.
   * - `unrecorded`: the schema exists, but no migration is recorded, or this role cannot read the record.
   */
  relation: "missing" | "older" | "same" | "newer" | "unrecorded";
  /** How many migrations the database has. 0 when the schema is missing or unrecorded. */
  database: number;
  /** How many migrations this release has. */
  release: number;
  /**
   * How many migrations a release has at least that may work on this database. Null for a database that does not say:
   * then every release that is not older may.
   */
  least: number | null;
  /**
   * Whether a worker of this release may work on the database: on its own schema, and on a newer one unless `least` is
   * above `release`. True for an unrecorded schema, of which nobody knows.
   */
  serves: boolean;
}

/**
 * Compares the database's millrace schema with the schema of this release. Throws the database's error.
 *
 * Guarantees: reads only.
 * Index: none; reads the catalogue and the whole table of migrations.
 * No row: never, in either statement.
 */
export async function readSchemaVersion(db: Reader): Promise<SchemaVersion> {
  const migrations = readMigrations();
  const release = migrations.length;
  const { rows } = await db.query(
    `SELECT to_regclass('millrace.jobs') IS NOT NULL AS made,
            coalesce(has_table_privilege(to_regclass('millrace.migrations'), 'SELECT'), false) AS recorded,
            to_regprocedure('millrace.least_schema()') IS NOT NULL AS declared`,
  );
  const [found] = rows as { made: boolean; recorded: boolean; declared: boolean }[];
  if (found?.made !== true) return { relation: "missing", database: 0, release, least: null, serves: false };
  const unrecorded = { relation: "unrecorded", database: 0, release, least: null, serves: true } as const;
  if (!found.recorded) return unrecorded;
  const applied = await db.query(
    "SELECT count(*)::int AS count, max(created_at) AS last FROM millrace.migrations",
  );
  const [counted] = applied.rows as { count: number; last: string | null }[];
  const database = counted?.count ?? 0;
  if (database === 0) return unrecorded;
  const last = Number(counted?.last);
  const newest = Math.max(...migrations.map((migration) => migration.folderMillis));
  const relation = last === newest ? "same" : last < newest ? "older" : "newer";
  const least = found.declared ? await readLeast(db) : null;
  const serves = relation === "same" || (relation === "newer" && (least ?? 0) <= release);
  return { relation, database, release, least, serves };
}

/**
 * Reads how many migrations a release has at least that may work on a database.
 *
 * Guarantees: reads only.
 * Index: none.
 * No row: never.
 */
async function readLeast(db: Reader): Promise<number | null> {
  const { rows } = await db.query("SELECT millrace.least_schema() AS least");
  return (rows as { least: number }[])[0]?.least ?? null;
}
