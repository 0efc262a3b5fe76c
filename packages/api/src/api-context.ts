import { type Clock, systemClock } from "@millrace/base";
import { type AuditOptions, createQueue, type Queue, type QueueOptions } from "@millrace/queue";
import { createSchedules, type Schedules } from "@millrace/scheduler";
import type { Pool } from "pg";
import type { ApiOptions } from "./api-options.ts";
import { openPool } from "./open-pool.ts";
import { createRedactor, type Redactor } from "./redact/redactor.ts";
import { release } from "./release.ts";
import { createRights } from "./rights.ts";
import type { Authorize, Granted } from "./security/access.ts";
import type { Rights } from "./store/read-rights.sql.ts";

/** What the routes of an API share. */
export interface ApiContext {
  /** The API's own connections: at most two. */
  readonly pool: Pool;
  readonly clock: Clock;
  /** The path that the API is mounted at; `""` for the root. */
  readonly basePath: string;
  /** The path below which browsers send the cookie of a login. */
  readonly cookiePath: string;
  readonly authorize: Authorize;
  readonly redact: Redactor;
  /** The options as the caller gave them, for the routes that have options of their own. */
  readonly options: ApiOptions;
  /** The release of this package. */
  readonly release: string;
  /** Aborts when the API is closed. */
  readonly closing: AbortSignal;
  /** What the database's role may do. Read at most once a minute. */
  rights(): Promise<Rights>;
  /** The name that the audit log gets for an access. */
  auditOf(access: Granted): AuditOptions;
  /** The option of a queue that tells of its enqueues, if the caller gave it. */
  readonly telling: Pick<QueueOptions, "telemetry">;
  /** A queue whose changes are recorded under the name of an access. */
  queue(access: Granted): Queue;
  /** Schedules whose changes are recorded under the name of an access. */
  schedules(access: Granted): Schedules;
}

/** Opens what the routes share. Throws `InvalidOptionError`. */
export function openContext(options: ApiOptions, closing: AbortSignal): ApiContext {
  const { basePath = "", cookiePath = basePath === "" ? "/" : basePath, who = "api" } = options;
  const redact = createRedactor(options.redact ?? []);
  const telling = options.telemetry === undefined ? {} : { telemetry: options.telemetry };
  const pool = openPool(options.db);
  const clock = options.clock ?? systemClock;
  const auditOf = (access: Granted) => ({ who: access.who ?? who, via: "millrace api" });
  return {
    pool,
    clock,
    rights: createRights(pool, clock),
    basePath,
    cookiePath,
    authorize: options.authorize,
    redact,
    options,
    release: release(),
    closing,
    auditOf,
    telling,
    queue: (access) => createQueue(pool, { audit: auditOf(access), ...telling }),
    schedules: (access) => createSchedules(pool, { audit: auditOf(access), ...telling }),
  };
}
