import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  isMessage,
  type Progress,
  type WorkerCommand,
  type WorkerMessage,
  type WorkerSpec,
} from "./worker-message.ts";

/** A process that runs one worker. The worker is connected, and claims nothing until `start` is called. */
export interface WorkerProcess {
  readonly progress: Progress;
  start(): void;
  /** Stops the worker and waits for its process to end. Rejects when the process ended before its report. */
  stop(): Promise<{ progress: Progress; latencies: number[] }>;
}

const PROGRAM = fileURLToPath(new URL("./worker-main.ts", import.meta.url));
const STOP_PATIENCE_MS = 15_000;

/** Starts a worker process. Resolves when the worker is connected; rejects when the process ends before that. */
export async function startWorkerProcess(spec: WorkerSpec): Promise<WorkerProcess> {
  const child = fork(PROGRAM, [JSON.stringify(spec)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(child, "exit");
  let progress: Progress = { handled: 0, firstStartAt: null, lastDoneAt: null, cpuMs: 0 };
  const ready = Promise.withResolvers<void>();
  const reported = Promise.withResolvers<{ progress: Progress; latencies: number[] }>();
  // Whoever awaits the report receives the error of a worker that dies. This `catch` prevents an unhandled rejection.
  reported.promise.catch(() => undefined);
  child.on("message", (message) => {
    if (!isMessage<WorkerMessage>(message)) return;
    switch (message.kind) {
      case "ready":
        return ready.resolve();
      case "progress":
        progress = message.progress;
        return;
      case "report":
        progress = message.progress;
        return reported.resolve(message);
      case "stopped":
        return child.disconnect();
      default:
        return message satisfies never;
    }
  });
  child.on("exit", (code, signal) => {
    const error = new Error(`the worker of ${spec.adapterId} ended with ${signal ?? code}`);
    ready.reject(error);
    reported.reject(error);
  });
  await ready.promise;

  const send = (command: WorkerCommand) => child.connected && child.send(command);
  return {
    get progress() {
      return progress;
    },
    start: () => void send({ kind: "start" }),
    async stop() {
      send({ kind: "stop" });
      const report = await reported.promise;
      await endOf(child, exited);
      return report;
    },
  };
}

/** Waits for the process to end, and kills it after 15 s: its report has arrived, and a peer may close slowly. */
async function endOf(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_PATIENCE_MS);
  await exited;
  clearTimeout(timer);
}
