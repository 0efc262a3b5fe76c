import type { QueueDepth, WorkerStatus } from "@millrace/queue";
import { type SchemaVersion, schemaVersionText } from "@millrace/schema/migrations";
import { durationText } from "../output/duration-text.ts";
import { relativeText } from "../output/relative-text.ts";

/** One thing that `millrace health` checked. */
export interface HealthCheck {
  /** Stable: scripts may compare the name. */
  readonly name: "schema" | "workers" | "leases" | "waiting";
  readonly ok: boolean;
  /** What was found, as text for people. May have control characters: ids and queues are anybody's text. */
  readonly detail: string;
}

/** Which workers are meant. Without a field, all of them. */
export interface WorkerChoice {
  /** The id of one worker. */
  readonly worker?: string;
  /** The name of a host: workers whose id was made there. */
  readonly host?: string;
}

/** A worker makes its id of so many characters of the host's name. */
const HOST_IN_ID_MAX = 60;

/** Returns the workers that are meant. */
export function chosenWorkers(
  workers: readonly WorkerStatus[],
  { worker, host }: WorkerChoice,
): WorkerStatus[] {
  return workers.filter(
    ({ id }) =>
      (worker === undefined || id === worker) &&
      (host === undefined || id.startsWith(`${host.slice(0, HOST_IN_ID_MAX)}:`)),
  );
}

/** Checks whether workers of this release can use the schema. A newer schema serves them, too. */
export function checkSchema(version: SchemaVersion): HealthCheck {
  return { name: "schema", ok: version.serves, detail: schemaVersionText(version) };
}

/** Checks whether a chosen worker was seen in the last 30 s. */
export function checkWorkers(workers: readonly WorkerStatus[], choice: WorkerChoice, now: Date): HealthCheck {
  const which = choiceText(choice);
  const living = workers.filter(({ alive }) => alive);
  if (living.length > 0) {
    const paused = living.filter(({ pausedAt }) => pausedAt !== null).length;
    const pausedText =
      paused === 0 ? "" : `, of which ${paused} claim nothing, because their program paused them`;
    const count = living.length === 1 ? "1 worker lives" : `${living.length} workers live`;
    return { name: "workers", ok: true, detail: `${count}${which}${pausedText}` };
  }
  const seen = workers.flatMap(({ seenAt }) => (seenAt === null ? [] : [seenAt.getTime()]));
  const last =
    seen.length === 0 ? "" : `; the last one was seen ${relativeText(new Date(Math.max(...seen)), now)}`;
  return { name: "workers", ok: false, detail: `no worker lives${which}${last}` };
}

function choiceText({ worker, host }: WorkerChoice): string {
  const parts = [
    ...(worker === undefined ? [] : [` with the id ${worker}`]),
    ...(host === undefined ? [] : [` on the host ${host}`]),
  ];
  return parts.join("");
}

/** Checks whether a lease of a living worker has run out. A worker renews its leases each third of a lease. */
export function checkLeases(workers: readonly WorkerStatus[], now: Date): HealthCheck {
  const living = workers.filter(({ alive }) => alive);
  const ends = living.flatMap(({ leaseUntil }) => (leaseUntil === null ? [] : [leaseUntil.getTime()]));
  if (ends.length === 0) return { name: "leases", ok: true, detail: "the living workers hold no lease" };
  const leftMs = Math.min(...ends) - now.getTime();
  return leftMs >= 0
    ? { name: "leases", ok: true, detail: `the lease that ends first has ${durationText(leftMs)} left` }
    : {
        name: "leases",
        ok: false,
        detail: `a lease of a living worker ran out ${durationText(-leftMs)} ago: it did not renew it`,
      };
}

/** Checks how long the oldest due job has waited. Paused queues do not count: their jobs are to wait. */
export function checkWaiting(
  depths: readonly QueueDepth[],
  { queue, maxWaitMs }: { queue?: string; maxWaitMs?: number },
): HealthCheck {
  const waiting = depths.flatMap(({ queue: name, oldestDueMs, pausedAt }) =>
    oldestDueMs === null || pausedAt !== null || (queue !== undefined && name !== queue)
      ? []
      : [{ name, oldestDueMs }],
  );
  const [oldest] = waiting.sort((one, other) => other.oldestDueMs - one.oldestDueMs);
  if (oldest === undefined) return { name: "waiting", ok: true, detail: "no job is due" };
  const found = `the oldest due job, of the queue ${oldest.name}, has waited for ${durationText(oldest.oldestDueMs)}`;
  const ok = maxWaitMs === undefined || oldest.oldestDueMs <= maxWaitMs;
  return {
    name: "waiting",
    ok,
    detail: ok || maxWaitMs === undefined ? found : `${found}, longer than ${durationText(maxWaitMs)}`,
  };
}
