import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { ChildEvent, ChildOptions } from "./program/protocol.ts";

const PROGRAM = new URL("./program/worker.ts", import.meta.url).pathname;

/** A worker in a process of its own. */
export interface Child extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly events: ChildEvent[];
  /** What it wrote to standard error. */
  readonly complaints: string[];
  /** The ids of the jobs of which it told such an event. */
  idsOf(kind: string): string[];
  /** Resolves with the signal or exit code it ended by. */
  readonly ended: Promise<NodeJS.Signals | number | null>;
}

/** Starts a worker in a process of its own; it is killed when the scope ends. */
export function startChild(options: ChildOptions): Child {
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv.filter((flag) => flag.startsWith("--wasm")),
      "--conditions=@millrace/source",
      "--disable-warning=ExperimentalWarning",
      PROGRAM,
      JSON.stringify(options),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const events: ChildEvent[] = [];
  const complaints: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => void events.push(JSON.parse(line)));
  createInterface({ input: child.stderr }).on("line", (line) => void complaints.push(line));
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.once("close", (code, signal) => resolve(signal ?? code)),
  );
  return {
    process: child,
    events,
    complaints,
    idsOf: (kind) =>
      events.flatMap((event) => (event.kind === kind && "id" in event && event.id ? [event.id] : [])),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
