import { z } from "@hono/zod-openapi";
import { cursor, instant } from "./common.ts";

/** A row of the audit log. */
export const auditEntry = z
  .object({
    id: z.uuid(),
    commandId: z.uuid(),
    at: instant,
    who: z.string(),
    via: z.string(),
    action: z.string(),
    /** The arguments of the command, redacted. */
    filter: z.unknown(),
    changed: z.int(),
    /** The first 20 of what was changed, as it was before, redacted. */
    before: z.array(z.record(z.string(), z.unknown())),
    /** Until when the command can be undone; null when it cannot. */
    undoUntil: instant.nullable(),
  })
  .openapi("AuditEntry");

export const auditPage = z
  .object({ entries: z.array(auditEntry), next: cursor.nullable() })
  .openapi("AuditPage");
