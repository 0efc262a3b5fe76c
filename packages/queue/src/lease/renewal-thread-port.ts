import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker as Thread,
} from "node:worker_threads";
import type { Clock } from "@millrace/base";
import { RenewalThreadError } from "../errors.ts";
import type { FromRenewalThread, RenewalThreadData, ToRenewalThread } from "./renewal-message.ts";

/** How long a stopping thread has to close its connection, in ms. Then it is terminated. */
const STOP_MS = 1_000;

/**
 * Where this module is: a source file during development, a compiled file in a release. Undefined in a bundle of
 * CommonJS, whose worker then renews leases in its loop.
 */
const HERE: string | undefined = import.meta.url;

const IS_SOURCE = HERE?.endsWith(".ts") === true;

/**
 * The thread's program, beside this module. In a bundle, the program is beside the bundle if the application has made
 * `@millrace/queue/renewal-thread` the bundle's second entry.
 */
const PROGRAM = new URL(
  IS_SOURCE ? "./renewal-thread-program.ts" : "./renewal-thread-program.js",
  HERE ?? "file:///",
);

/** Flags for Node. During development, the program must find the source of the workspace's other packages. */
const PROGRAM_FLAGS = IS_SOURCE ? ["--conditions=@millrace/source"] : [];

/**
 * The thread's memory, in MB. The young generation is small, because a renewal's objects soon become garbage. The old
 * generation has room for the leases of 100,000 runs.
 */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 128 };

/** Handles what comes from the thread. */
export interface RenewalThreadPortHandlers {
  onMessage(message: FromRenewalThread): void;
  /** The thread has failed or ended. May be called more than once, and is also called after `stop`. */
  onEnd(error: RenewalThreadError): void;
}

/** The worker's end of a renewal thread: starts the thread, exchanges messages with it, and stops it. */
export class RenewalThreadPort {
  readonly #port: MessagePort;
  readonly #thread: Thread;
  readonly #onMessage: (message: FromRenewalThread) => void;
  readonly #ended: Promise<void>;

  constructor(data: RenewalThreadData, { onMessage, onEnd }: RenewalThreadPortHandlers) {
    const { port1, port2 } = new MessageChannel();
    const thread = new Thread(PROGRAM, {
      name: "millrace-renewal",
      // The program needs none of the flags of this process, and some of them have side effects.
      execArgv: PROGRAM_FLAGS,
      resourceLimits: LIMITS,
      workerData: { ...data, port: port2 },
      transferList: [port2],
    });
    this.#port = port1;
    this.#thread = thread;
    this.#onMessage = onMessage;
    this.#ended = new Promise((resolve) => {
      thread.once("exit", () => {
        onEnd(endError("ended"));
        resolve();
      });
    });
    thread.once("error", (cause) => onEnd(endError("failed", { cause })));
    port1.on("message", onMessage);
    // A worker that nobody stopped must not keep a process alive.
    thread.unref();
    port1.unref();
  }

  /** Sends a message to the thread. A thread that has ended gets no message. */
  send(message: ToRenewalThread): void {
    this.#port.postMessage(message);
  }

  /** Handles the messages that have arrived, without waiting for the event loop. */
  receiveArrived(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#onMessage(received.message);
    }
  }

  /** Lets the thread close its connection and end. Terminates the thread after `STOP_MS`. */
  async stop(clock: Clock): Promise<void> {
    this.send({ kind: "stop" });
    const stopTimer = clock.after(STOP_MS, () => void this.#thread.terminate());
    await this.#ended;
    stopTimer();
    this.#port.close();
  }
}

function endError(how: "ended" | "failed", options?: ErrorOptions): RenewalThreadError {
  return new RenewalThreadError(
    `The thread that renews leases ${how}; the worker's loop renews them now.`,
    options,
  );
}
