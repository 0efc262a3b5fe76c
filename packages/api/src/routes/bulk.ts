import type { z } from "@hono/zod-openapi";
import type { BulkFilter, BulkOptions, BulkResult, CancelManyResult, Queue } from "@millrace/queue";
import { BULK_ACTIONS, type bulkAction, bulkAnswer, bulkRequest } from "../contract/bulk.ts";
import { type ApiParts, define } from "../operation.ts";
import { ApiError } from "../problem/api-error.ts";
import { withinTime } from "../within-time.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { selectionOf } from "./job-selection.ts";

type BulkAction = z.output<typeof bulkAction>;
type BulkRequest = z.output<typeof bulkRequest>;
type BulkAnswer = z.output<typeof bulkAnswer>;
type FailureKind = Extract<BulkRequest["filter"], { kind: unknown }>["kind"];

/** How long one request works, in ms. The client goes on with another request. */
const BULK_MS = 1_000;

/** How many jobs one statement looks at. A statement ends soon, so that no request passes its time by much. */
const BATCH_SIZE = 500;

type Command = (filter: BulkFilter, options: BulkOptions) => Promise<BulkResult | CancelManyResult>;

const SUMMARIES = {
  retry: "Retry many jobs",
  "run-now": "Run many jobs now",
  cancel: "Cancel many jobs",
  delete: "Delete many jobs",
} as const satisfies Record<BulkAction, string>;

/** What the audit log calls each command. */
const AUDITED_ACTIONS = {
  retry: "retryMany",
  "run-now": "runNowMany",
  cancel: "cancelMany",
  delete: "deleteMany",
} as const satisfies Record<BulkAction, string>;

/** Adds the commands on many jobs. */
export function addBulk(parts: ApiParts): void {
  const { context } = parts;
  for (const action of BULK_ACTIONS) {
    define(
      parts,
      {
        route: `POST /bulk/${action}`,
        tag: "bulk",
        summary: SUMMARIES[action],
        description:
          "Works for about a second, in steps that each commit. If `done` is false, send the same request with the " +
          "answer's `after` and `commandId`. `dryRun` counts, and changes nothing.",
        body: bulkRequest,
        answer: bulkAnswer,
      },
      ({ access, body }) =>
        withinTime(context, BULK_MS, async (signal) => {
          const queue = context.queue(access);
          const { who } = context.auditOf(access);
          await refuseForeignCommand(queue, body, { who, action: AUDITED_ACTIONS[action] });
          const command = commandOf(queue, action);
          const { filter } = body;
          if ("kind" in filter) {
            const answer = await bulkOfKind({ queue, command, signal }, filter.kind, body);
            refuseStandstill(body, answer);
            return answer;
          }
          const selected: BulkFilter = "all" in filter ? filter : selectionOf(filter, context.redact);
          const result = await command(selected, optionsOf(body, signal));
          refuseStandstill(body, result);
          return answerOf(body, result);
        }),
    );
  }
}

function commandOf(queue: Queue, action: BulkAction): Command {
  switch (action) {
    case "retry":
      return queue.retryMany;
    case "run-now":
      return queue.runNowMany;
    case "cancel":
      return queue.cancelMany;
    case "delete":
      return queue.deleteMany;
    default:
      return action satisfies never;
  }
}

const optionsOf = ({ dryRun, limit, after, commandId }: BulkRequest, signal: AbortSignal): BulkOptions => ({
  batchSize: BATCH_SIZE,
  dryRun,
  limit,
  signal,
  ...withoutUndefined({ after, commandId: dryRun ? undefined : commandId }),
});

function answerOf({ dryRun, commandId }: BulkRequest, result: Awaited<ReturnType<Command>>): BulkAnswer {
  return {
    changed: result.changed,
    skipped: result.skipped,
    cancelRequested: "cancelRequested" in result ? result.cancelRequested : 0,
    done: result.done,
    after: result.after,
    commandId: dryRun ? null : (result.commandId ?? commandId ?? null),
  };
}

/** What a command on the jobs of a kind needs. */
interface KindWork {
  queue: Queue;
  command: Command;
  signal: AbortSignal;
}

/** Changes failed jobs of a kind, those enqueued last first: the next request begins before the id in `after`. */
async function bulkOfKind({ queue, command, signal }: KindWork, kind: FailureKind, body: BulkRequest) {
  const total = answerOf(body, {
    changed: 0,
    skipped: 0,
    done: false,
    after: body.after ?? null,
    commandId: null,
  });
  while (!signal.aborted && total.changed + total.cancelRequested < body.limit) {
    const limit = Math.min(BATCH_SIZE, body.limit - total.changed - total.cancelRequested);
    const { ids, before } = await queue.idsOfKind(kind, {
      limit,
      ...withoutUndefined({ before: total.after ?? undefined }),
    });
    const step = { ...body, limit, after: undefined, commandId: total.commandId ?? undefined };
    // Without the signal: what has been found is changed as a whole, so that `after` tells where to go on.
    const result = answerOf(step, await command({ ids }, optionsOf(step, new AbortController().signal)));
    total.changed += result.changed;
    total.skipped += result.skipped;
    total.cancelRequested += result.cancelRequested;
    total.commandId = result.commandId;
    total.after = before;
    if (before === null) return { ...total, done: true };
  }
  return total;
}

/** Refuses to answer that the client is to go on from where it was: the client would ask for ever. */
function refuseStandstill({ after }: BulkRequest, result: Pick<BulkAnswer, "done" | "after">): void {
  if (result.done || result.after !== (after ?? null)) return;
  throw new ApiError({
    status: 503,
    code: "DATABASE_SLOW",
    detail: "The database needed more than a second before the first step. Nothing was changed. Try again.",
    headers: { "retry-after": "5" },
  });
}

/**
 * Refuses to add to a command of somebody else, or to a command that does something else. An undo undoes the whole of a
 * command, and asks for the action that its last row has: a retry in a cancel's command would let a sender undo the
 * cancel, who may only retry.
 */
async function refuseForeignCommand(
  queue: Queue,
  { commandId }: BulkRequest,
  { who, action }: { who: string; action: string },
): Promise<void> {
  if (commandId === undefined) return;
  const [entry] = await queue.audit({ commandId, limit: 1, statesMax: 1 });
  if (entry === undefined || (entry.who === who && entry.action === action)) return;
  const because = entry.who === who ? `is a ${entry.action}` : "was given by somebody else";
  throw new ApiError({
    status: 403,
    code: "FOREIGN_COMMAND",
    field: "commandId",
    detail: `Command ${commandId} ${because}. Leave \`commandId\` out to begin a command of your own.`,
  });
}
