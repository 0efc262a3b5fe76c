import { bigint, boolean, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant, millraceSchema } from "../columns.ts";

/**
 * The last refresh of each materialized view that the task `view.refresh` refreshed, one row per view. A row about a
 * success is committed together with the view's new contents.
 */
export const viewRefreshes = millraceSchema.table(
  "view_refreshes",
  {
    /** Schema and view, exactly as the catalog has them. The view may have been dropped since. */
    schemaName: text("schema_name").notNull(),
    viewName: text("view_name").notNull(),
    /** The job of the last refresh. The job may have been deleted since. */
    jobId: uuid("job_id").notNull(),
    startedAt: instant("started_at").notNull(),
    finishedAt: instant("finished_at").notNull(),
    /** Whether the view could be read during the last refresh. NULL: the refresh failed before this was decided. */
    concurrent: boolean("concurrent"),
    /** Why the last refresh failed. NULL: it succeeded. */
    error: text("error"),
    /** When the last refresh that succeeded began: the view's contents are of this instant. NULL: none succeeded. */
    refreshedAt: instant("refreshed_at"),
    /** The size of the view with its indexes and its out-of-line values, after the last refresh that succeeded. */
    sizeBytes: bigint("size_bytes", { mode: "number" }),
  },
  (table) => [
    // Serves the write of a view's row.
    primaryKey({ name: "view_refreshes_pkey", columns: [table.schemaName, table.viewName] }),
  ],
);
