import { reasonOf, sqlStateOf } from "@millrace/base";
import { Fatal } from "@millrace/queue";
import { relationText } from "../allow/relation-name.ts";
import type { LockedView, ViewName } from "../store/lock-view.ts";
import { ViewRefreshError } from "./view-refresh-error.ts";

/** The part of a payload that says how to refresh a view. */
interface Manner extends ViewName {
  concurrently: "auto" | boolean;
}

/** Returns the view if it can be refreshed as the payload says. Throws `Fatal` otherwise. */
export function refreshable(found: LockedView | null, { schema, view, concurrently }: Manner): LockedView {
  const shown = relationText([schema, view]);
  if (found === null) {
    throw new Fatal(`view.refresh: there is no materialized view ${shown}. Names are case-sensitive.`);
  }
  if (found.kind !== "m") {
    throw new Fatal(
      `view.refresh: ${shown} is no materialized view but a table, a plain view or the like. ` +
        "Only a materialized view can be refreshed.",
    );
  }
  if (concurrently === true && !found.unique) {
    throw new Fatal(
      `view.refresh: ${shown} cannot be refreshed concurrently. Give the view a unique index on plain columns, ` +
        'without WHERE, or leave `concurrently` at "auto".',
    );
  }
  return found;
}

/**
 * Whether to refresh concurrently. A view without contents cannot be; nobody can read such a view, so its first refresh
 * keeps no reader waiting.
 */
export function isConcurrent(
  { populated, unique }: Pick<LockedView, "populated" | "unique">,
  { concurrently }: Pick<Manner, "concurrently">,
): boolean {
  return populated && (concurrently === "auto" ? unique : concurrently);
}

/** SQLSTATEs of a right that is missing, a statement that was canceled, and a lock that was not granted in time. */
const PERMISSION_DENIED = "42501";
const QUERY_CANCELED = "57014";
const LOCK_NOT_AVAILABLE = "55P03";

/** Returns the error with which a refresh ends that threw `error`. After an abort, this is the abort's reason. */
export function refreshFailure(
  error: unknown,
  {
    schema,
    view,
    timeoutMs,
    lockMs,
    signal,
  }: ViewName & { timeoutMs: number; lockMs: number; signal: AbortSignal },
): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof Fatal) return error;
  const shown = relationText([schema, view]);
  const sqlState = sqlStateOf(error);
  if (sqlState === PERMISSION_DENIED) {
    return new Fatal(
      `view.refresh: this worker's role may not refresh ${shown}: ${reasonOf(error)}. The role must own the view, ` +
        "or be a member of the role that owns the view. From PostgreSQL 17 on, GRANT MAINTAIN is enough.",
      { cause: error },
    );
  }
  const reason = failureReason(error, { sqlState, timeoutMs, lockMs });
  return new ViewRefreshError(`view.refresh: ${shown} was not refreshed: ${reason}`, {
    cause: error,
    sqlState,
  });
}

function failureReason(
  error: unknown,
  { sqlState, timeoutMs, lockMs }: { sqlState: string | undefined; timeoutMs: number; lockMs: number },
): string {
  switch (sqlState) {
    case QUERY_CANCELED:
      return `the refresh took longer than its timeoutMs of ${timeoutMs} ms, or somebody canceled its statement.`;
    case LOCK_NOT_AVAILABLE:
      return (
        `the refresh waited ${lockMs} ms for a lock. Another transaction uses the view or one of its tables, ` +
        "such as a long read of a view that is not refreshed concurrently."
      );
    default:
      return reasonOf(error);
  }
}
