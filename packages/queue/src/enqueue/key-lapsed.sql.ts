import { FINAL_STATES } from "@millrace/schema";
import { fromGuard } from "../job/transitions.ts";

const FINAL = FINAL_STATES.map((state) => `'${state}'`).join(", ");

/** The SQL condition that a job `j` holds its idempotency key no longer, by the key's scope. */
export const KEY_LAPSED = `(
    (j.key_scope = 'queued' AND NOT ${fromGuard("claim")})
    OR (j.key_scope = 'active' AND j.state IN (${FINAL}))
    OR (j.key_scope = 'period' AND j.key_until <= now()))`;
