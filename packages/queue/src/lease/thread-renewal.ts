import { MessageChannel, receiveMessageOnPort, Worker as Thread } from "node:worker_threads";
import { processNow, startBeat } from "@millrace/base";
import { JobCanceledError, LeaseLostError, RenewalThreadError } from "../errors.ts";
import { runKey } from "../job/held-runs.sql.ts";
import type { Run } from "../run/run.ts";
import { type LeaseRenewal, type LeaseRenewalOptions, startLoopRenewal, tellLease } from "./loop-renewal.ts";
import {
  type ConnectionConfig,
  type FromRenewalThread,
  leasesToText,
  type ToRenewalThread,
  textToLeases,
} from "./renewal-message.ts";

/** What renewal by a thread needs besides. */
export interface ThreadRenewalOptions extends LeaseRenewalOptions {
  connection: ConnectionConfig;
  maxBlockedMs: number;
}

/** How often the thread is told what is held, in ms; the part of the lease bounds it for short ones. */
const TELL_MS = 1_000;
const TELL_PART = 1 / 15;

/** How long a thread is given to close its connection, in ms. */
const STOP_MS = 1_000;

const IS_SOURCE = import.meta.url.endsWith(".ts");

/** The thread's program: as it is while developing, compiled in a release. */
const PROGRAM = new URL(IS_SOURCE ? "./renewal-program.ts" : "./renewal-program.js", import.meta.url);

/** Flags for Node: while developing, the program finds the workspace's packages by their source, too. */
const PROGRAM_FLAGS = IS_SOURCE ? ["--conditions=@millrace/source"] : [];

/**
 * Keeps a worker's leases by a thread with a connection of its own, so that a handler that blocks the loop keeps its
 * lease. A loop that is blocked for longer than `maxBlockedMs` is taken for dead, and its leases run out. When the
 * thread cannot renew, the loop tries; when it ends, the loop takes over.
 */
export function startThreadRenewal(options: ThreadRenewalOptions): LeaseRenewal {
  const { clock, running, onError } = options;
  const { port1: port, port2 } = new MessageChannel();
  const { connection, leaseSeconds, maxBlockedMs } = options;
  let stopping = false;
  let toldNothing = true;
  let loop: LeaseRenewal | null = null;
  let helping: Promise<void> | null = null;

  const thread = new Thread(PROGRAM, {
    name: "millrace-renewal",
    // The program needs none of the flags of this process, and some of them have side effects.
    execArgv: PROGRAM_FLAGS,
    workerData: { connection, leaseSeconds, maxBlockedMs, port: port2 },
    transferList: [port2],
  });
  const ended = new Promise<void>((resolve) => {
    thread.once("exit", () => {
      takeOver(
        new RenewalThreadError("The thread that renews leases ended; the worker's loop renews them now."),
      );
      resolve();
    });
  });
  thread.once("error", (cause) =>
    takeOver(
      new RenewalThreadError("The thread that renews leases failed; the worker's loop renews them now.", {
        cause,
      }),
    ),
  );
  // A worker that nobody stopped must not be what keeps a process alive.
  thread.unref();

  function takeOver(error: RenewalThreadError): void {
    if (stopping || loop !== null) return;
    loop = startLoopRenewal(options, 0);
    onError(error);
  }

  function tell(message: ToRenewalThread): void {
    if (loop === null && !stopping) port.postMessage(message);
  }

  function hear(message: FromRenewalThread): void {
    if (message.kind === "error") {
      onError(
        Object.assign(new Error(message.message), message.code === undefined ? {} : { code: message.code }),
      );
      help();
      return;
    }
    const runs = new Map([...running()].map((run) => [runKey(run.job), run]));
    const find = (text: string): Run[] =>
      textToLeases(text).flatMap((lease) => runs.get(runKey(lease)) ?? []);
    const sentAt = clock.now() - (processNow() - message.sentAt);
    for (const run of find(message.renewed)) tellLease(run, { sentAt, locked: false });
    for (const run of find(message.locked)) tellLease(run, { sentAt, locked: true });
    for (const run of find(message.refused)) run.abort(new LeaseLostError(run.job.id));
    for (const run of find(message.cancelRequested)) run.abort(new JobCanceledError(run.job.id));
  }

  /** Renews once from the loop: the thread's connection failed and the pool's may not, or somebody cannot wait. */
  function help(): void {
    if (loop !== null || stopping || helping !== null) return;
    const once = startLoopRenewal({ ...options, onError: () => {} }, 0);
    once.wake();
    helping = once.stop().finally(() => {
      helping = null;
    });
  }

  function catchUp(): void {
    for (;;) {
      const received = receiveMessageOnPort(port);
      if (received === undefined) return;
      hear(received.message);
    }
  }

  port.on("message", hear);
  port.unref();
  const beat = startBeat({
    clock,
    firstMs: 0,
    async work() {
      const leases = leasesToText([...running()].map((run) => run.job));
      if (leases !== "" || !toldNothing) tell({ kind: "held", leases });
      toldNothing = leases === "";
      return Math.min(TELL_MS, leaseSeconds * 1_000 * TELL_PART);
    },
  });

  return {
    began(runs) {
      toldNothing = false;
      tell({ kind: "began", leases: leasesToText(runs.map((run) => run.job)) });
    },
    catchUp,
    wake: () => (loop === null ? help() : loop.wake()),
    async stop() {
      await beat.stop();
      tell({ kind: "stop" });
      stopping = true;
      const stopTimer = clock.after(STOP_MS, () => void thread.terminate());
      await Promise.all([ended, loop?.stop(), helping]);
      stopTimer();
      port.close();
    },
  };
}
