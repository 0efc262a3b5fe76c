import { type Clock, checkFields, checkText, fieldNames, InvalidOptionError } from "@millrace/base";
import { checkTelemetry, type Telemetry } from "@millrace/queue";
import type { Pool } from "pg";
import type { Authorize } from "./security/access.ts";

/** The options of `createApi`. */
export interface ApiOptions {
  /**
   * A connection string, or a pg pool whose options the API copies. The API opens two connections of its own, and takes
   * none from the application's pool.
   */
  db: string | Pool;
  /** Decides what the sender of each request may do. */
  authorize: Authorize;
  /** The path that the API is mounted at, such as `/ops/api`. Default: `""`, the root. */
  basePath?: string;
  /** The path of the cookie of `tokenAuthorize`. Default: the API's path. */
  cookiePath?: string;
  /**
   * Paths within payloads, outputs, progresses and metadata whose values are never sent: `card.number`,
   * `items.*.secret`, `**.password`. `*` stands for any one key or position, `**` for any number of keys.
   */
  redact?: readonly string[];
  /** The name in the audit log for an access without a name. Default `api`. */
  who?: string;
  /**
   * Called with each unexpected error. The answer to the request names the same `requestId`. Default: `console.error`.
   */
  onError?: (error: unknown, about: { requestId: string }) => void;
  /**
   * Tells of the jobs that people enqueue, or run for a schedule: `openTelemetry()` of
   * `@millrace/queue/opentelemetry`. A span of the server's request then goes on in the job. Default: nobody is told.
   */
  telemetry?: Telemetry;
  /** The timers of this process. Default: the real clock. */
  clock?: Clock;
  /**
   * Signs watch tokens: at least 32 bytes. Default: random, so that a token is good for this process only. Processes
   * that share tokens need the same key.
   */
  signingKey?: string | Uint8Array;
  /** Origins whose pages may read the event stream of a job by a watch token. Default: none. */
  watchOrigins?: readonly string[];
}

const FIELDS = fieldNames<ApiOptions>({
  db: true,
  authorize: true,
  basePath: true,
  cookiePath: true,
  redact: true,
  who: true,
  onError: true,
  telemetry: true,
  clock: true,
  signingKey: true,
  watchOrigins: true,
});

/** Only unreserved characters: proxies and browsers write such a path in one way only. */
const PATH = /^(\/[A-Za-z0-9._~-]+)*$/;

/** Checks the options that no other function checks. Throws `InvalidOptionError`. */
export function checkApiOptions(options: ApiOptions): void {
  checkFields("options", options, FIELDS);
  const { authorize, basePath = "", cookiePath, who, onError } = options;
  if (typeof authorize !== "function") {
    throw new InvalidOptionError(
      "authorize",
      "a function from a request to what its sender may do",
      authorize,
    );
  }
  if (options.telemetry !== undefined) checkTelemetry(options.telemetry);
  checkPath("basePath", basePath);
  if (cookiePath !== undefined && cookiePath !== "/") checkPath("cookiePath", cookiePath);
  if (who !== undefined) checkText("who", who, 200);
  if (onError !== undefined && typeof onError !== "function") {
    throw new InvalidOptionError("onError", "a function", onError);
  }
}

function checkPath(option: string, path: unknown): void {
  if (typeof path === "string" && PATH.test(path) && !/\/\.{1,2}(\/|$)/.test(path)) return;
  throw new InvalidOptionError(option, "a path such as `/ops/api`, without a slash at its end", path);
}
