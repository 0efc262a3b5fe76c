import type { ColumnShape, TableShape } from "@millrace/schema/catalog";
import { escapeIdentifier } from "pg";

// The SQL that the doctor shows to a person, who decides whether to run the SQL. The doctor runs none of it.

const PLAIN_NAME = /^[a-z_][a-z0-9_]*$/;

/** A name as SQL, with quotes only where a name needs them. */
export function quoted(name: string): string {
  return PLAIN_NAME.test(name) ? name : escapeIdentifier(name);
}

/** The name of an object of the schema, as SQL: `millrace.waiting_jobs`. */
export function inSchema(name: string): string {
  return `millrace.${quoted(name)}`;
}

/** Text as an SQL literal. Names of slots and prepared transactions have no backslashes. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function columnDefinition(name: string, { type, notNull, default: value }: ColumnShape): string {
  return `${quoted(name)} ${type}${value === null ? "" : ` DEFAULT ${value}`}${notNull ? " NOT NULL" : ""}`;
}

const alterTable = (table: string) => `ALTER TABLE ${inSchema(table)}`;
const alterColumn = (table: string, name: string) => `${alterTable(table)} ALTER COLUMN ${quoted(name)}`;

/** Makes a table with its constraints, indexes and statistics. */
export function createTable(table: string, shape: TableShape): string {
  const parts = [
    ...Object.entries(shape.columns).map(([name, column]) => columnDefinition(name, column)),
    ...Object.entries(shape.constraints).map(([name, rule]) => `CONSTRAINT ${quoted(name)} ${rule}`),
  ];
  const create = `CREATE TABLE ${inSchema(table)} (\n  ${parts.join(",\n  ")}\n);`;
  const after = [...Object.values(shape.indexes), ...Object.values(shape.statistics)];
  return [create, ...after.map((statement) => `${statement};`)].join("\n");
}

/** Adds a column. */
export function addColumn(table: string, name: string, shape: ColumnShape): string {
  return `${alterTable(table)} ADD COLUMN ${columnDefinition(name, shape)};`;
}

/** Drops a column, with a warning. */
export function dropColumn(table: string, name: string): string {
  return `-- Deletes its values:\n${alterTable(table)} DROP COLUMN ${quoted(name)};`;
}

/** Gives a column its type. */
export function setType(table: string, name: string, { type }: ColumnShape): string {
  return `${alterColumn(table, name)} TYPE ${type} USING ${quoted(name)}::${type};`;
}

/** Makes a column refuse NULL, or take NULL. */
export function setNotNull(table: string, name: string, { notNull }: ColumnShape): string {
  return `${alterColumn(table, name)} ${notNull ? "SET" : "DROP"} NOT NULL;`;
}

/** Gives a column its default, or takes a default away. */
export function setDefault(table: string, name: string, { default: value }: ColumnShape): string {
  return `${alterColumn(table, name)} ${value === null ? "DROP DEFAULT" : `SET DEFAULT ${value}`};`;
}

/** Says how a column stores long values. */
export function setStorage(table: string, name: string, { storage }: ColumnShape): string {
  return `${alterColumn(table, name)} SET STORAGE ${storage.toUpperCase()};`;
}

/** Adds a constraint. */
export function addConstraint(table: string, name: string, rule: string): string {
  return `${alterTable(table)} ADD CONSTRAINT ${quoted(name)} ${rule};`;
}

/** Drops a constraint. */
export function dropConstraint(table: string, name: string): string {
  return `${alterTable(table)} DROP CONSTRAINT ${quoted(name)};`;
}

/** Makes an index while others write to the table. */
export function createIndex(definition: string): string {
  return `${definition.replace(/^CREATE (UNIQUE )?INDEX /, "CREATE $1INDEX CONCURRENTLY ")};`;
}

/** Drops an index while others use the table. */
export function dropIndex(name: string): string {
  return `DROP INDEX CONCURRENTLY ${inSchema(name)};`;
}

/** Builds an invalid index again. */
export function reindex(name: string): string {
  return `REINDEX INDEX CONCURRENTLY ${inSchema(name)};`;
}

/** Makes extended statistics, and fills them. */
export function createStatistics(table: string, definition: string): string {
  return `${definition};\nANALYZE ${inSchema(table)};`;
}

/** Drops extended statistics. */
export function dropStatistics(name: string): string {
  return `DROP STATISTICS ${inSchema(name)};`;
}

/** Drops a trigger. */
export function dropTrigger(relation: string, name: string): string {
  return `DROP TRIGGER ${quoted(name)} ON ${inSchema(relation)};`;
}

/** Enables a trigger of a table. */
export function enableTrigger(table: string, name: string): string {
  return `${alterTable(table)} ENABLE TRIGGER ${quoted(name)};`;
}

/** Sets a storage parameter of a table. */
export function setOption(table: string, name: string, value: string): string {
  return `${alterTable(table)} SET (${name} = ${value});`;
}

/** Lets autovacuum visit a table again. */
export function resetAutovacuum(table: string): string {
  return `${alterTable(table)} RESET (autovacuum_enabled, toast.autovacuum_enabled);`;
}

/** Vacuums a table. */
export function vacuum(table: string, option: "ANALYZE" | "FREEZE"): string {
  return `VACUUM (${option}) ${inSchema(table)};`;
}

/** Drops a function. `name` has the types of the arguments. */
export function dropFunction(name: string): string {
  return `DROP FUNCTION millrace.${name};`;
}

/** Makes a view, or replaces its query. */
export function replaceView(name: string, definition: string): string {
  return `CREATE OR REPLACE VIEW ${inSchema(name)} AS\n${definition}`;
}

/** Drops a view. */
export function dropView(name: string): string {
  return `DROP VIEW ${inSchema(name)};`;
}

/** Ends a session. */
export function endSession(pid: string): string {
  return `SELECT pg_terminate_backend(${Number(pid)});`;
}

/** Rolls a prepared transaction back. */
export function rollbackPrepared(name: string): string {
  return `ROLLBACK PREPARED ${literal(name)};`;
}

/** Drops a replication slot. */
export function dropSlot(name: string): string {
  return `SELECT pg_drop_replication_slot(${literal(name)});`;
}

/** Begins new statistics of statements. */
export const RESET_STATEMENTS =
  "SELECT pg_stat_statements_reset(); -- once the cause is gone, to measure anew";

/** Installs the statistics of statements. */
export const CREATE_STATEMENTS =
  "CREATE EXTENSION pg_stat_statements; -- and shared_preload_libraries, with a restart";

/** Sets a setting of the whole server. */
export function setOfServer(name: string, value: string): string {
  return `ALTER SYSTEM SET ${name} = ${value}; SELECT pg_reload_conf();`;
}

/** Sets a setting of the workers' role. */
export function setOfRole(name: string, value: string): string {
  return `ALTER ROLE … SET ${name} = '${value}';`;
}

/** Sets a setting of a database. */
export function setOfDatabase(name: string, value: string): string {
  return `ALTER DATABASE … SET ${name} = '${value}';`;
}

/** Lets a role see what other roles do. */
export const GRANT_STATISTICS = "GRANT pg_read_all_stats TO …;";
