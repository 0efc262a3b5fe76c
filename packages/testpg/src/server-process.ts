import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { LogTail } from "./log-tail.ts";
import { isAlive, readPostmasterFile } from "./postmaster-file.ts";
import type { ServerUser } from "./server-user.ts";
import { TestServerError } from "./test-server-error.ts";
import type { Watchdog } from "./watchdog.ts";

/** How a server stops: `fast` ends sessions and writes a checkpoint, `immediate` is a crash with a later recovery. */
export type StopMode = "fast" | "immediate";

/** The options of `startServerProcess`. */
export interface ServerProcessOptions {
  readonly binDir: string;
  readonly dataDir: string;
  readonly port: number;
  readonly user: ServerUser | undefined;
  readonly settings: Readonly<Record<string, string>>;
  /** The signal that the watchdog sends when this process dies: SIGQUIT for throwaway data. */
  readonly orphanSignal: "INT" | "QUIT";
  readonly watchdog: Watchdog;
  readonly tail: LogTail;
}

/** One running postmaster. */
export interface ServerProcess {
  readonly pid: number;
  /**
   * Ends the server, or does nothing when the server has ended. After 30 s without an end, a stronger signal follows.
   */
  stop(mode: StopMode): Promise<void>;
}

const startTimeoutMs = 60_000;
const stopPatienceMs = 30_000;

/** Starts a postmaster, and resolves when the postmaster accepts connections. Throws `TestServerError`. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { binDir, dataDir, port, user, settings, watchdog, tail, orphanSignal } = options;
  // No Unix socket: its lock file under /tmp could collide with another server's, and could be left behind.
  const fixed = { listen_addresses: "127.0.0.1", unix_socket_directories: "", lc_messages: "C" };
  const flags = Object.entries({ ...settings, ...fixed }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  tail.clear();
  // The server runs in a session of its own, so that Ctrl-C in a terminal reaches the tests but not their server.
  const child = watchdog.spawn({
    command: join(binDir, "postgres"),
    args: ["-D", dataDir, "-p", String(port), ...flags],
    signal: orphanSignal,
    wholeGroup: false,
    options: { ...user, cwd: "/", env: { LC_ALL: "C", PATH: "/usr/bin:/bin" } },
  });
  child.stdout.resume();
  tail.follow(child.stderr);
  const closed = closing(child);
  const { pid } = child;
  const outcome = await Promise.race([closed, readiness(dataDir, pid)]);
  if (outcome !== "ready" || pid === undefined) {
    if (outcome === "timeout") await stopChild(child, "immediate", closed);
    watchdog.idle();
    throw startError(outcome, port, tail.text());
  }
  // A forgotten server does not keep the program alive: when the program ends, the watchdog ends the server.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) {
    if ("unref" in stream && typeof stream.unref === "function") stream.unref();
  }
  return {
    pid,
    async stop(mode) {
      child.ref();
      await stopChild(child, mode, closed);
      watchdog.idle();
    },
  };
}

type Outcome = "ready" | "timeout" | "closed" | Error;

function closing(child: ChildProcess): Promise<"closed" | Error> {
  return new Promise((resolve) => {
    child.once("error", resolve);
    child.once("close", () => resolve("closed"));
  });
}

/** Reads the status from postmaster.pid. Unlike a log line, the file names the process, so no other server is meant. */
async function readiness(dataDir: string, pid: number | undefined): Promise<"ready" | "timeout"> {
  const deadline = Date.now() + startTimeoutMs;
  while (pid !== undefined && isAlive(pid) && Date.now() < deadline) {
    const file = await readPostmasterFile(dataDir);
    if (file?.pid === pid && file.ready) return "ready";
    await pause(10);
  }
  // The process is gone, or was never there. The event `close` or `error` decides, and comes with the complete log.
  await pause(Math.max(deadline - Date.now(), 1000), undefined, { ref: false });
  return "timeout";
}

function startError(outcome: Outcome, port: number, log: string): TestServerError {
  if (outcome instanceof Error) {
    return new TestServerError("start_failed", "postgres did not start", { cause: outcome });
  }
  if (outcome === "timeout") {
    return new TestServerError("start_timed_out", `postgres was not ready after ${startTimeoutMs} ms`, {
      log,
    });
  }
  if (log.includes("Address already in use") || log.includes("could not create any TCP/IP sockets")) {
    return new TestServerError("port_in_use", `port ${port} is taken`, { log });
  }
  if (log.includes("pre-existing shared memory block") || /lock file ".*" already exists/.test(log)) {
    return new TestServerError("data_folder_in_use", "another server uses the data folder", { log });
  }
  return new TestServerError("start_failed", "postgres exited while starting", { log });
}

async function stopChild(child: ChildProcess, mode: StopMode, closed: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = Promise.race([closed, once(child, "exit")]);
  const signals =
    mode === "fast" ? (["SIGINT", "SIGQUIT", "SIGKILL"] as const) : (["SIGQUIT", "SIGKILL"] as const);
  for (const signal of signals) {
    const patience = new AbortController();
    child.kill(signal);
    const late = pause(stopPatienceMs, "late" as const, { signal: patience.signal }).catch(
      () => "late" as const,
    );
    const result = await Promise.race([exited, late]);
    patience.abort();
    if (result !== "late") return;
  }
}
