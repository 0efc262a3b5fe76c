import { FINAL_STATES } from "@millrace/schema/values";
import { inState } from "../job/state-guards.sql.ts";

/** The SQL condition that a job `j` no longer holds its idempotency key, by the key's scope. */
export const KEY_EXPIRED = `(
    (j.key_scope = 'queued' AND NOT ${inState("queued")})
    OR (j.key_scope = 'active' AND ${inState(...FINAL_STATES)})
    OR (j.key_scope = 'period' AND j.key_until <= now()))`;
