import type { Clock } from "@millrace/base";
import type { Pool } from "pg";
import { ApiError } from "./problem/api-error.ts";
import type { Redactor } from "./redact/redactor.ts";
import { type Rights, readRights } from "./store/read-rights.sql.ts";

/** How long rights that were read hold, in ms. A grant or a revoke is seen after this time at the latest. */
const HOLD_MS = 60_000;

/** What stands in place of a payload or an output that the database's role may not read: a JSON text. */
export const HIDDEN = '"[hidden]"';

/** Returns a function that says what the database's role may do. It asks the database once a minute. */
export function createRights(pool: Pool, clock: Clock): () => Promise<Rights> {
  let read: { rights: Promise<Rights>; untilMs: number } | null = null;
  return () => {
    const now = clock.now();
    if (read !== null && now < read.untilMs) return read.rights;
    const latest = { rights: readRights(pool), untilMs: now + HOLD_MS };
    read = latest;
    // What could not be read is asked for again.
    latest.rights.catch(() => {
      if (read === latest) read = null;
    });
    return latest.rights;
  };
}

/** What decides what is shown. */
interface Showing {
  redact: Pick<Redactor, "paths">;
  rights(): Promise<Rights>;
}

/**
 * Whether statements of other sessions may be shown. A statement may have values of jobs, at whatever place: redaction
 * cannot find them there.
 */
export async function showsQueries({ redact, rights }: Showing): Promise<boolean> {
  return redact.paths.length === 0 && (await rights()).json;
}

/** Refuses a filter by payloads for a role that may not read them. Throws `ApiError`. */
export function refuseHiddenFilter(rights: Rights, filter: { payloadContains?: unknown }): void {
  if (rights.json || filter.payloadContains === undefined) return;
  throw new ApiError({
    status: 403,
    code: "HIDDEN_FILTER",
    field: "payloadContains",
    detail: "The database role of this API may not read payloads, so jobs cannot be found by them.",
  });
}
