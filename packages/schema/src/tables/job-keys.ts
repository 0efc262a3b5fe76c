import { sql } from "drizzle-orm";
import { check, uuid, varchar } from "drizzle-orm/pg-core";
import { instant, literalList, millraceSchema } from "../columns.ts";
import { KEY_SCOPES, type KeyScope } from "../key-scope.ts";

/**
 * The idempotency keys of all jobs, queued, running and ended. An expired key keeps its row until another enqueue takes
 * the key, or until the job is deleted.
 */
export const jobKeys = millraceSchema.table(
  "job_keys",
  {
    key: varchar("key", { length: 255 }).primaryKey(),
    jobId: uuid("job_id").notNull(),
    /** How long the key stays taken. NULL: until the job is deleted. */
    scope: varchar("scope", { length: 20 }).$type<KeyScope>(),
    /** The instant at which a key of the scope `period` becomes free. */
    until: instant("until"),
  },
  () => [check("job_keys_scope_check", sql`scope IN (${literalList(KEY_SCOPES)})`)],
);
