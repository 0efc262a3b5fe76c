import type { Executor } from "@millrace/base";

/** Schema and view, exactly as the catalog has them. */
export interface ViewName {
  schema: string;
  view: string;
}

/** A relation that a transaction tried to lock for a refresh, and what the catalog says about it. */
export interface LockedView {
  /** Whether this transaction has the lock. If not, another refresh of the view is under way. */
  locked: boolean;
  /** `pg_class.oid`, as text. */
  oid: string;
  /** `pg_class.relkind`: `m` is a materialized view. */
  kind: string;
  /** Whether the view has contents. A view made WITH NO DATA has none, and cannot be refreshed concurrently. */
  populated: boolean;
  /** Whether the view has an index that lets it be refreshed concurrently. */
  unique: boolean;
  /** Schema and view, quoted by PostgreSQL, for statements. */
  quotedName: string;
}

/**
 * Guarantees: one transaction at a time has the lock of a view, and keeps the lock until it ends. Waits for nobody. The
 * quoted name comes from the catalog's values, so it names exactly this view. `unique` follows PostgreSQL's own rule:
 * an index that is unique, checked at once, valid, without a condition, and on plain columns alone.
 * Index: the unique indexes of the catalog.
 * No row: there is no relation of this name.
 */
const LOCK = `
  SELECT pg_try_advisory_xact_lock(hashtextextended('millrace.view_refresh:' || c.oid, 0)) AS "locked",
         c.oid::text AS "oid", c.relkind AS "kind", c.relispopulated AS "populated",
         EXISTS (
           SELECT FROM pg_catalog.pg_index i
           WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid
             AND i.indpred IS NULL AND 0 <> ALL (i.indkey::int2[])
         ) AS "unique",
         format('%I.%I', n.nspname, c.relname) AS "quotedName"
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1::text AND c.relname = $2::text`;

/** Locks a view for a refresh until the transaction ends. Returns null when no relation has this name. */
export async function lockView(db: Executor, { schema, view }: ViewName): Promise<LockedView | null> {
  const { rows } = await db.query(LOCK, [schema, view]);
  return (rows as LockedView[])[0] ?? null;
}
