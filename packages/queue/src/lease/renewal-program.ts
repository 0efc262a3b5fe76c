import { type MessagePort, workerData } from "node:worker_threads";
import { processNow, sqlStateOf, startBeat, systemClock } from "@millrace/base";
import pg from "pg";
import { runKey } from "../job/held-runs.sql.ts";
import type { Lease } from "../job/job.ts";
import { extendLeases } from "./extend-leases.sql.ts";
import { ToldLeases } from "./known-leases.ts";
import { LockedRetry } from "./locked-retry.ts";
import {
  type FromRenewalThread,
  leasesToText,
  type RenewalThreadData,
  type ToRenewalThread,
} from "./renewal-message.ts";

/** After a failed renewal the next is tried after this many ms. */
const RETRY_MS = 500;

/** How often it is looked whether a renewal is due, in ms; the part of the lease bounds it for short ones. */
const LOOK_MS = 250;
const LOOK_PART = 1 / 20;

/**
 * A renewal that is due waits this part of the lease for the loop to say what it holds, so that it does not name
 * runs that have ended; a loop that says nothing meanwhile is blocked.
 */
const WORD_PART = 1 / 10;

// The program of a renewal thread: it starts when the thread does. It imports only what needs no package condition.
const { connection, leaseSeconds, maxBlockedMs, port } = workerData as RenewalThreadData & {
  port: MessagePort;
};
runRenewal();

function runRenewal(): void {
  const leaseMs = leaseSeconds * 1_000;
  const lookMs = Math.min(LOOK_MS, leaseMs * LOOK_PART);
  const held = new ToldLeases();
  const locked = new LockedRetry<Lease>();
  /** When leases were last passed over. */
  let lockedAt = 0;
  let heardAt = processNow();
  let wordAt = Number.NEGATIVE_INFINITY;
  let renewedAt = processNow();
  let retryAt = 0;
  let client: pg.Client | null = null;

  async function renew(leases: Lease[], { again }: { again: boolean }): Promise<void> {
    const sentAt = processNow();
    client ??= await connect(leaseMs);
    const result = await extendLeases(client, leases, leaseSeconds);
    if (!again) renewedAt = sentAt;
    locked.passedOver(result.locked, { again });
    lockedAt = processNow();
    const left = new Set([...result.refused, ...result.locked].map(runKey));
    for (const lease of result.refused) held.drop(lease);
    tell({
      kind: "renewed",
      sentAt,
      renewed: leasesToText(leases.filter((lease) => !left.has(runKey(lease)))),
      locked: leasesToText(result.locked),
      refused: leasesToText(result.refused),
      cancelRequested: leasesToText(result.cancelRequested),
    });
  }

  /** Which leases to renew now: all when they are due, else those whose row was locked and may not be any longer. */
  function choose(now: number): { leases: Lease[]; again: boolean } {
    if (isDue(now)) return { leases: held.all(), again: false };
    const mayTry = now - lockedAt >= locked.waitMs && now >= retryAt && now - heardAt <= maxBlockedMs;
    if (!mayTry) return { leases: [], again: true };
    const leases = held.held(locked.held);
    if (leases.length === 0) locked.passedOver([], { again: true });
    return { leases, again: true };
  }

  /** Whether to renew now: it is due, and what is held is fresh or the loop is blocked, though not for too long. */
  function isDue(now: number): boolean {
    const dueAt = renewedAt + leaseMs / 3;
    if (held.isEmpty || now < dueAt || now < retryAt || now - heardAt > maxBlockedMs) return false;
    return wordAt >= dueAt || now >= dueAt + leaseMs * WORD_PART;
  }

  const beat = startBeat({
    clock: systemClock,
    firstMs: lookMs,
    async work() {
      const { leases, again } = choose(processNow());
      try {
        if (leases.length > 0) await renew(leases, { again });
      } catch (error) {
        client?.end().catch(() => undefined);
        client = null;
        retryAt = processNow() + RETRY_MS;
        const message = error instanceof Error ? error.message : String(error);
        tell({ kind: "error", message, code: sqlStateOf(error) });
      }
      return Math.min(lookMs, locked.waitMs);
    },
  });

  port.on("message", (message: ToRenewalThread) => {
    heardAt = processNow();
    if (message.kind === "stop") {
      port.close();
      void beat.stop().then(() => client?.end().catch(() => undefined));
      return;
    }
    if (message.kind === "held") {
      held.replace(message.leases);
      wordAt = heardAt;
    } else {
      // Nothing was held until now, so whatever is held was claimed just now.
      if (held.isEmpty) renewedAt = heardAt;
      held.add(message.leases);
    }
    if (wordAt === heardAt && isDue(heardAt)) beat.wake();
  });
}

/** Every wait is bounded: a connection that hangs must leave time for another before the leases run out. */
async function connect(leaseMs: number): Promise<pg.Client> {
  const boundMs = Math.floor(leaseMs / 5);
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: boundMs, query_timeout: boundMs });
  // A connection lost while idle shows in the next statement.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

function tell(message: FromRenewalThread): void {
  port.postMessage(message);
}
