import { z } from "@hono/zod-openapi";
import type { AuditEntry, AuditedState, UndoableAction } from "@millrace/queue";
import { auditPage } from "../contract/audit.ts";
import { undoAnswer } from "../contract/bulk.ts";
import { ACTIONS_OF_COMMANDS } from "../contract/command-actions.ts";
import { cursor } from "../contract/common.ts";
import type { Action } from "../contract/session.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { iso } from "../iso.ts";
import { type ApiParts, define } from "../operation.ts";
import { ApiError } from "../problem/api-error.ts";
import type { Redactor } from "../redact/redactor.ts";
import { forbidden } from "../security/admit.ts";
import { withoutUndefined } from "../without-undefined.ts";

const listQuery = z.strictObject({
  cursor: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  commandId: z.uuid().optional(),
});

/** Where the next page of the audit log begins. */
const auditCursor = z.strictObject({ before: z.uuid() });

/** How many jobs, queues or schedules an entry has in `before`, and how many bytes of JSON. */
const STATES_MAX = 20;
const BYTES_MAX = 65_536;

/** The action that an undo needs. A command that can be undone and has none here does not compile. */
const NEEDED: Readonly<Record<UndoableAction, Action>> & Readonly<Record<string, Action>> =
  ACTIONS_OF_COMMANDS;

/** Adds the routes of the audit log. */
export function addAudit(parts: ApiParts): void {
  const { context } = parts;
  define(
    parts,
    {
      route: "GET /audit",
      tag: "audit",
      summary: "Read the audit log",
      description:
        "What people and programs changed, the newest first. A command in steps has an entry for each step.",
      query: listQuery,
      answer: auditPage,
    },
    async ({ access, query: { cursor: from, limit, commandId } }) => {
      const before = from === undefined ? undefined : decodeCursor(auditCursor, from).before;
      const filter = {
        limit,
        statesMax: STATES_MAX,
        bytesMax: BYTES_MAX,
        ...withoutUndefined({ commandId, before }),
        json: (await context.rights()).json,
      };
      const entries = await context.queue(access).audit(filter);
      const last = entries.length === limit ? entries.at(-1) : undefined;
      return {
        entries: entries.map((entry) => entryOf(entry, context.redact)),
        next: last === undefined ? null : encodeCursor({ before: last.id }),
      };
    },
  );
  define(
    parts,
    {
      route: "POST /audit/{commandId}/undo",
      tag: "audit",
      summary: "Undo a command",
      description:
        "Makes what a command changed as it was before, for ten minutes after the command. What has moved on since " +
        "stays as it is. Needs the action that the command needed.",
      params: z.object({ commandId: z.uuid() }),
      answer: undoAnswer,
    },
    async ({ access, params: { commandId } }) => {
      const queue = context.queue(access);
      const [entry] = await queue.audit({ commandId, limit: 1, statesMax: 1 });
      if (entry === undefined) throw noCommand(commandId);
      const needed = NEEDED[entry.action];
      if (needed !== undefined && !access.actions.has(needed)) throw forbidden(needed);
      const undo = entry.action.startsWith("schedules.") ? context.schedules(access).undo : queue.undo;
      const { restored, left } = await undo(commandId);
      return { restored, left };
    },
  );
}

function noCommand(commandId: string): ApiError {
  return new ApiError({
    status: 404,
    code: "COMMAND_NOT_FOUND",
    detail: `The audit log has no command ${commandId}. Entries of the log may have been pruned.`,
  });
}

function entryOf(entry: AuditEntry, redact: Redactor): z.input<typeof auditPage>["entries"][number] {
  const { id, commandId, at, who, via, action, filter, changed, before, undoUntil } = entry;
  return {
    ...{ id, commandId, who, via, action, changed },
    at: iso(at),
    filter: redact.within(filter),
    before: before.map((state) => stateOf(state, redact)),
    undoUntil: iso(undoUntil),
  };
}

/** Redacts a job, a queue or a schedule as it was. Its output is JSON as text. */
function stateOf({ output, ...state }: AuditedState, redact: Redactor): Record<string, unknown> {
  const shown = redact.within(state);
  // A state that is too long to redact is no object any more.
  const { id = null, state: jobState = null } = state;
  const fields = typeof shown === "object" && shown !== null ? { ...shown } : { id, state: jobState };
  return typeof output === "string" ? { ...fields, output: redact.text(output).text } : fields;
}
