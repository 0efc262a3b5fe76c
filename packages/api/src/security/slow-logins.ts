import { type Clock, pause } from "@millrace/base";
import { ApiError } from "../problem/api-error.ts";

/** How long the answer to a wrong token waits, in ms, and how many such answers may wait at once. */
const WAIT_MS = 500;
const WAITING_MAX = 20;

/** Slows down a sender that tries many tokens. A right token never waits. */
export interface SlowLogins {
  /** Delays the answer to a wrong token, so that few tokens can be tried. */
  waitAfterFailure(): Promise<void>;
  /** Refuses a failed login while too many others wait, so that few wait at a time. Throws `ApiError`. */
  refuseIfMany(): void;
}

/** Creates the brake on logins of one API. */
export function createSlowLogins(clock: Clock): SlowLogins {
  let waiting = 0;
  return {
    async waitAfterFailure() {
      waiting += 1;
      try {
        await pause(clock, WAIT_MS);
      } finally {
        waiting -= 1;
      }
    },
    refuseIfMany() {
      if (waiting < WAITING_MAX) return;
      throw new ApiError({
        status: 429,
        code: "TOO_MANY_LOGINS",
        detail: "Too many logins have failed just now. Try again in a second.",
        headers: { "retry-after": "1" },
      });
    },
  };
}
