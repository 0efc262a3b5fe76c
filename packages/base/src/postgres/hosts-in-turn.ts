import { reasonOf } from "../check/reason-of.ts";
import { type DatabaseHosts, databaseHosts } from "./database-hosts.ts";
import { NoPrimaryError, type TriedServer } from "./no-primary-error.ts";
import { isTransient } from "./pg-errors.ts";

/** A connection that was not made, because the server was away or took no writes. */
export interface FailedAttempt extends TriedServer {
  /** The server's place in the list. */
  readonly index: number;
}

/**
 * Which server of a list to connect to next. Stays with the server of the last connection until a connection to that
 * server fails, and then goes to the next one in the list, after the last one to the first.
 */
export class HostsInTurn {
  readonly hosts: DatabaseHosts;
  readonly #attempts = new WeakMap<object, FailedAttempt>();
  #next = 0;

  constructor(hosts: DatabaseHosts) {
    this.hosts = hosts;
  }

  /** The place in the list of the server to connect to. */
  get next(): number {
    return this.#next;
  }

  /** Takes note of a connection that was not made. Another server may do better, unless the error would be the same. */
  failed(attempt: { index: number; server: string; error: unknown }): void {
    const { index, server, error } = attempt;
    if (typeof error !== "object" || error === null || !isTransient(error)) return;
    const reason = error instanceof NoPrimaryError ? (error.tried[0]?.reason ?? "") : reasonOf(error);
    this.#attempts.set(error, { index, server, reason });
    // Connections that fail together must not pass over a server that none of them has tried.
    if (this.#next === index) this.#next = (index + 1) % this.hosts.urls.length;
  }

  /** Returns the failed attempt that an error stands for; undefined for any other error. */
  attemptOf(error: unknown): FailedAttempt | undefined {
    if (typeof error !== "object" || error === null) return undefined;
    const cause = error instanceof Error ? error.cause : undefined;
    const ofCause = typeof cause === "object" && cause !== null ? this.#attempts.get(cause) : undefined;
    // The pool wraps the error of a connection that took too long.
    return this.#attempts.get(error) ?? ofCause;
  }
}

/** Returns the turn of the servers that a connection string names; null if the driver needs no help with it. */
export function hostsInTurn(connectionString: string | undefined): HostsInTurn | null {
  if (connectionString === undefined) return null;
  const hosts = databaseHosts(connectionString);
  return hosts.urls.length > 1 || hosts.writable ? new HostsInTurn(hosts) : null;
}

/**
 * Returns the error to report after these attempts; null while a server is left to try. Attempts that ran at once may
 * have met one server twice, so twice as many attempts as servers are the limit.
 */
export function whenAllFailed(
  attempts: readonly FailedAttempt[],
  { urls }: DatabaseHosts,
): NoPrimaryError | null {
  const last = new Map(attempts.map((attempt) => [attempt.index, attempt]));
  if (last.size < urls.length && attempts.length < 2 * urls.length) return null;
  return new NoPrimaryError([...last.values()].map(({ server, reason }) => ({ server, reason })));
}
