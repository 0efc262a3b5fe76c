import type { Pool, PoolClient } from "pg";
import type {
  Catalog,
  ColumnShape,
  FunctionShape,
  TableShape,
  TriggerShape,
  ViewShape,
} from "./catalog-shape.ts";

/**
 * Guarantees: reads only. A column per row, in the order of the table.
 * Index: the indexes of the catalog.
 * No row: the schema has no tables and no views.
 */
const COLUMNS = `
  SELECT c.relname AS relation, c.relkind AS kind, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
         a.attnotnull AS "notNull", pg_get_expr(d.adbin, d.adrelid) AS "default",
         CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'm' THEN 'main' WHEN 'e' THEN 'external' ELSE 'extended' END
           AS storage
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = to_regnamespace('millrace') AND c.relkind IN ('r', 'p', 'v')
  ORDER BY c.relname COLLATE "C", a.attnum`;

/**
 * Guarantees: reads only. Leaves out the constraints for NOT NULL, which only PostgreSQL 18 has.
 * Index: the indexes of the catalog.
 * No row: no table has a constraint.
 */
const CONSTRAINTS = `
  SELECT c.relname AS relation, k.conname AS name, pg_get_constraintdef(k.oid) AS definition
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
  WHERE c.relnamespace = to_regnamespace('millrace') AND k.contype IN ('c', 'p', 'u', 'f', 'x')
  ORDER BY c.relname COLLATE "C", k.conname COLLATE "C"`;

/**
 * Guarantees: reads only. Leaves out the indexes of constraints.
 * Index: the indexes of the catalog.
 * No row: no table has such an index.
 */
const INDEXES = `
  SELECT c.relname AS relation, i.relname AS name, pg_get_indexdef(x.indexrelid) AS definition
  FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
  WHERE c.relnamespace = to_regnamespace('millrace')
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
  ORDER BY c.relname COLLATE "C", i.relname COLLATE "C"`;

/**
 * Guarantees: reads only. Leaves out the triggers that PostgreSQL makes for foreign keys.
 * Index: the indexes of the catalog.
 * No row: there is no trigger.
 */
const TRIGGERS = `
  SELECT c.relname AS relation, t.tgname AS name, pg_get_triggerdef(t.oid) AS definition, t.tgenabled <> 'D' AS enabled
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE c.relnamespace = to_regnamespace('millrace') AND NOT t.tgisinternal
  ORDER BY c.relname COLLATE "C", t.tgname COLLATE "C"`;

/**
 * Guarantees: reads only.
 * Index: the indexes of the catalog.
 * No row: no table has extended statistics.
 */
const STATISTICS = `
  SELECT c.relname AS relation, s.stxname AS name, pg_get_statisticsobjdef(s.oid) AS definition
  FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid
  WHERE c.relnamespace = to_regnamespace('millrace')
  ORDER BY c.relname COLLATE "C", s.stxname COLLATE "C"`;

/**
 * Guarantees: reads only.
 * Index: the indexes of the catalog.
 * No row: no table has storage parameters.
 */
const OPTIONS = `
  SELECT c.relname AS relation, o.option_name AS name, o.option_value AS definition
  FROM pg_class c, pg_options_to_table(c.reloptions) o
  WHERE c.relnamespace = to_regnamespace('millrace') AND c.relkind IN ('r', 'p')
  ORDER BY c.relname COLLATE "C", o.option_name COLLATE "C"`;

/**
 * Guarantees: reads only.
 * Index: the indexes of the catalog.
 * No row: there is no view.
 */
const VIEWS = `
  SELECT c.relname AS relation, '' AS name, pg_get_viewdef(c.oid) AS definition
  FROM pg_class c WHERE c.relnamespace = to_regnamespace('millrace') AND c.relkind = 'v'
  ORDER BY c.relname COLLATE "C"`;

/**
 * Guarantees: reads only.
 * Index: the indexes of the catalog.
 * No row: there is no function.
 */
const FUNCTIONS = `
  SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name, md5(p.prosrc) AS source,
         CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
         array_to_string(p.proconfig, '; ') AS settings, pg_get_functiondef(p.oid) AS definition
  FROM pg_proc p WHERE p.pronamespace = to_regnamespace('millrace') AND p.prokind = 'f'
  ORDER BY p.proname COLLATE "C", pg_get_function_identity_arguments(p.oid) COLLATE "C"`;

/**
 * Reads what the schema `millrace` of a database has. Throws the database's error.
 *
 * Guarantees: reads only, in one snapshot. Names outside the schema are written with their schema.
 * Index: none.
 * No row: never.
 */
export async function readCatalog(pool: Pool): Promise<Catalog> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    // The server leaves the schema out of names that it finds by the search path.
    await client.query("SET LOCAL search_path = pg_catalog");
    const catalog = await readParts(client);
    await client.query("COMMIT");
    return catalog;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

interface ColumnRow extends ColumnShape {
  relation: string;
  kind: string;
  name: string;
}

interface PartRow {
  relation: string;
  name: string;
  definition: string;
}

async function readParts(client: PoolClient): Promise<Catalog> {
  const { rows: columns } = await client.query<ColumnRow>(COLUMNS);
  const { rows: constraints } = await client.query<PartRow>(CONSTRAINTS);
  const { rows: indexes } = await client.query<PartRow>(INDEXES);
  const { rows: triggers } = await client.query<PartRow & { enabled: boolean }>(TRIGGERS);
  const { rows: statistics } = await client.query<PartRow>(STATISTICS);
  const { rows: options } = await client.query<PartRow>(OPTIONS);
  const { rows: views } = await client.query<PartRow>(VIEWS);
  const { rows: functions } = await client.query<FunctionShape & { name: string }>(FUNCTIONS);
  const relations = [...new Set(columns.map(({ relation }) => relation))];
  const columnsOf = (relation: string) => columns.filter((column) => column.relation === relation);
  const isView = (relation: string) => columnsOf(relation)[0]?.kind === "v";
  const triggersOf = (relation: string): Record<string, TriggerShape> =>
    Object.fromEntries(
      triggers
        .filter((row) => row.relation === relation)
        .map(({ name, definition, enabled }) => [name, { definition, enabled }]),
    );
  const tableOf = (relation: string): TableShape => ({
    columns: Object.fromEntries(
      columnsOf(relation).map(({ name, ...column }) => [name, columnShape(column)]),
    ),
    constraints: partsOf(constraints, relation),
    indexes: partsOf(indexes, relation),
    triggers: triggersOf(relation),
    statistics: partsOf(statistics, relation),
    options: partsOf(options, relation),
  });
  const viewOf = (relation: string): ViewShape => ({
    columns: Object.fromEntries(columnsOf(relation).map(({ name, type }) => [name, type])),
    definition: partsOf(views, relation)[""] ?? "",
    triggers: triggersOf(relation),
  });
  return {
    tables: Object.fromEntries(
      relations.filter((name) => !isView(name)).map((name) => [name, tableOf(name)]),
    ),
    views: Object.fromEntries(relations.filter(isView).map((name) => [name, viewOf(name)])),
    functions: Object.fromEntries(functions.map(({ name, ...shape }) => [name, functionShape(shape)])),
  };
}

function partsOf(rows: readonly PartRow[], relation: string): Record<string, string> {
  return Object.fromEntries(
    rows.filter((row) => row.relation === relation).map(({ name, definition }) => [name, definition]),
  );
}

function columnShape({ type, notNull, default: value, storage }: ColumnShape): ColumnShape {
  return { type, notNull, default: value, storage };
}

function functionShape({ source, volatility, settings, definition }: FunctionShape): FunctionShape {
  return { source, volatility, settings, definition };
}
