import { type MessagePort, workerData } from "node:worker_threads";
import { connectClient, processNow, sqlStateOf, startBeat, systemClock } from "@millrace/base";
import type pg from "pg";
import { extendLeases } from "./extend-leases.sql.ts";
import {
  type FromRenewalThread,
  leasesToText,
  type RenewalThreadData,
  type ToRenewalThread,
} from "./renewal-message.ts";
import { type DueRenewal, RenewalTiming } from "./renewal-timing.ts";
import { renewedLeases } from "./renewed-leases.ts";

/**
 * How often the thread checks whether a renewal is due: every `LOOK_MS`, or every `LOOK_PART` of the lease if that is
 * less.
 */
const LOOK_MS = 250;
const LOOK_PART = 1 / 20;

// The program of a renewal thread. It runs when the thread starts, and ends when the worker's loop sends `stop`.
const { connection, leaseSeconds, maxBlockedMs, port } = workerData as RenewalThreadData & {
  port: MessagePort;
};
const leaseMs = leaseSeconds * 1_000;
const timing = new RenewalTiming({ leaseMs, maxBlockedMs, now: processNow() });
let client: pg.Client | null = null;
runRenewal();

function runRenewal(): void {
  const lookMs = Math.min(LOOK_MS, leaseMs * LOOK_PART);
  const beat = startBeat({
    clock: systemClock,
    firstMs: lookMs,
    async work() {
      await renewWhatIsDue();
      return Math.min(lookMs, timing.waitMs);
    },
  });
  port.on("message", (message: ToRenewalThread) => {
    if (message.kind !== "stop") {
      if (timing.hear(message, processNow())) beat.wake();
      return;
    }
    port.close();
    void beat.stop().then(disconnect);
  });
}

async function renewWhatIsDue(): Promise<void> {
  const due = timing.due(processNow());
  try {
    if (due.leases.length > 0) await renew(due);
  } catch (error) {
    disconnect();
    timing.failed(processNow());
    const message = error instanceof Error ? error.message : String(error);
    send({ kind: "error", message, code: sqlStateOf(error) });
  }
}

async function renew({ leases, again }: DueRenewal): Promise<void> {
  const sentAt = processNow();
  client ??= await connect();
  const result = await extendLeases(client, leases, leaseSeconds);
  timing.answered(result, { again, sentAt, now: processNow() });
  send({
    kind: "renewed",
    sentAt,
    renewed: leasesToText(renewedLeases(leases, result)),
    locked: leasesToText(result.locked),
    refused: leasesToText(result.refused),
    cancelRequested: leasesToText(result.cancelRequested),
  });
}

/** Connects. Every wait is bounded: if a connection hangs, a second one must be made before the leases run out. */
function connect(): Promise<pg.Client> {
  const boundMs = Math.floor(leaseMs / 5);
  return connectClient({ ...connection, connectionTimeoutMillis: boundMs, query_timeout: boundMs });
}

/** Ends the connection; the next renewal makes another connection. */
function disconnect(): void {
  client?.end().catch(() => undefined);
  client = null;
}

function send(message: FromRenewalThread): void {
  port.postMessage(message);
}
