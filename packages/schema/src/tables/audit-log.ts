import { sql } from "drizzle-orm";
import { index, integer, jsonb, uniqueIndex, uuid, varchar } from "drizzle-orm/pg-core";
import { idColumn, instant, millraceSchema } from "../columns.ts";

/**
 * What people changed by commands: a row for each statement that changed something. A command on many jobs works in
 * steps and has a row for each step, all with the command's id.
 */
export const auditLog = millraceSchema.table(
  "audit_log",
  {
    id: idColumn(),
    /** Names the command. */
    commandId: uuid("command_id").notNull(),
    at: instant("at").notNull().defaultNow(),
    /** The person or program that gave the command. */
    who: varchar("who", { length: 200 }).notNull(),
    /** The tool, and the command in the tool's words: `millrace jobs cancel`. */
    via: varchar("via", { length: 200 }).notNull(),
    /** The command in the library's word: `cancelMany`. */
    action: varchar("action", { length: 50 }).notNull(),
    /** The command's filter or argument, as JSON. */
    filter: jsonb("filter"),
    /** How many jobs, queues or schedules were changed. */
    changed: integer("changed").notNull(),
    /** What was changed, as it was before: `[{ "id", "state", ... }]`. */
    before: jsonb("before").notNull().default([]),
  },
  (table) => [
    // Serves the look-up of all steps of a command.
    index("audit_log_command_idx").on(table.commandId),
    // Serves the question whether a command has been undone, and lets no command be undone twice.
    uniqueIndex("audit_log_undo_key").on(sql`(filter ->> 'commandId')`).where(sql`action = 'undo'`),
  ],
);

/**
 * The audit log for readers who may see no payloads: without what was changed, and without the payloads that the
 * arguments of commands have.
 */
export const auditEntries = millraceSchema
  .view("audit_entries", {
    id: uuid("id").notNull(),
    commandId: uuid("command_id").notNull(),
    at: instant("at").notNull(),
    who: varchar("who", { length: 200 }).notNull(),
    via: varchar("via", { length: 200 }).notNull(),
    action: varchar("action", { length: 50 }).notNull(),
    filter: jsonb("filter"),
    changed: integer("changed").notNull(),
  })
  .as(sql`
SELECT entry.id, entry.command_id, entry.at, entry.who, entry.via, entry.action,
       CASE WHEN jsonb_typeof(entry.filter) = 'object'
            THEN entry.filter #- '{payload}' #- '{payloadContains}' #- '{change,payload}' #- '{schedule,payload}'
                   #- '{patch,payload}' END AS filter,
       entry.changed
FROM ${auditLog} entry`);

/** A row of `millrace.audit_log`, as Drizzle reads it. */
export type AuditLogRow = typeof auditLog.$inferSelect;
