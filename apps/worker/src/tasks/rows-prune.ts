import { defineTask, Fatal } from "@millrace/queue";
import type { Pool } from "pg";
import { z } from "zod";
import { NotAllowedError, settingText } from "../allow/not-allowed-error.ts";
import { namesRelation, relationText } from "../allow/relation-name.ts";
import { deleteOldRows } from "../store/delete-old-rows.ts";
import { findTable, type TableColumnName } from "../store/find-table.ts";
import { ageSchema } from "./age.ts";
import { PRUNE_TIMEOUT_MS } from "./prune-timeout.ts";

const nameSchema = z.string().min(1).max(63);

const payloadSchema = z.strictObject({
  /** Schema, table and column are written exactly as in the catalog, without quotes. */
  schema: nameSchema.default("public"),
  table: nameSchema,
  column: nameSchema,
  olderThan: ageSchema,
  /** How many rows a transaction deletes. */
  batchSize: z.int().min(1).max(10_000).default(1_000),
});

/** The database of `rows.prune`, and what the task may delete from. */
export interface RowsPruneOptions {
  pool: Pool;
  /** The entries of the setting `pruneTables`. */
  pruneTables: readonly string[];
}

/**
 * `rows.prune`: deletes the rows of a table whose column is older than an age, in bounded batches. A table that
 * `pruneTables` does not name fails the job with `NotAllowedError` (`NOT_ALLOWED`). A relation that cannot be pruned,
 * such as a view or a missing table, fails the job at once.
 */
export function rowsPruneTask({ pool, pruneTables }: RowsPruneOptions) {
  return defineTask({
    name: "rows.prune",
    timeoutMs: PRUNE_TIMEOUT_MS,
    payload: payloadSchema,
    async run({ olderThan, batchSize, ...names }, { signal }) {
      checkAllowed(pruneTables, names);
      const target = await prunable(pool, names);
      for (let deleted = 0; ; ) {
        signal.throwIfAborted();
        const count = await deleteOldRows(pool, { ...target, olderThanMs: olderThan, limit: batchSize });
        deleted += count;
        if (count === 0) return { deleted };
      }
    },
  });
}

function checkAllowed(pruneTables: readonly string[], { schema, table, column }: TableColumnName): void {
  if (namesRelation(pruneTables, { schema, name: table, column })) return;
  const target = relationText([schema, table]);
  throw new NotAllowedError(
    `rows.prune: rows of the table ${target} may not be deleted by the column ${relationText([column])}. ` +
      `To allow it, name ${target} or ${relationText([schema, table, column])} in the worker's setting ` +
      `${settingText("pruneTables")}.`,
    { setting: "pruneTables", target },
  );
}

/** The kinds of relations that can be pruned: ordinary and partitioned tables. */
const TABLE_KINDS: readonly string[] = ["r", "p"];

const INSTANT_TYPES: readonly string[] = ["timestamptz", "timestamp", "date"];

async function prunable(pool: Pool, names: TableColumnName) {
  const shown = JSON.stringify(`${names.schema}.${names.table}`);
  const found = await findTable(pool, names);
  if (found === null) throw new Fatal(`rows.prune: there is no table ${shown}. Names are case-sensitive.`);
  if (found.reserved) {
    throw new Fatal(
      `rows.prune: ${shown} belongs to Millrace or to PostgreSQL. Use jobs.prune for finished jobs.`,
    );
  }
  if (!TABLE_KINDS.includes(found.kind)) {
    throw new Fatal(`rows.prune: ${shown} is not a table but a view, an index or the like. Name its table.`);
  }
  if (found.quotedColumn === null) {
    throw new Fatal(`rows.prune: the table ${shown} has no column ${JSON.stringify(names.column)}.`);
  }
  if (!INSTANT_TYPES.includes(found.columnType ?? "")) {
    const type = found.columnType ?? "of a type of its own";
    throw new Fatal(
      `rows.prune: expected the column ${JSON.stringify(names.column)} of ${shown} to be ` +
        `${INSTANT_TYPES.join(", ")}, it is ${type}.`,
    );
  }
  return { quotedTable: found.quotedTable, quotedColumn: found.quotedColumn };
}
