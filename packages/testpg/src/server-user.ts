import { execFile } from "node:child_process";
import { lstat } from "node:fs/promises";
import { promisify } from "node:util";
import { TestServerError } from "./test-server-error.ts";

const run = promisify(execFile);

/** The operating system's user that runs a server, when this user is not the user of this process. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Returns the user that runs PostgreSQL. Creates no user.
 * - This process is not root: `undefined`, which means this process's own user.
 * - This process is root, and PostgreSQL refuses root: the owner of an existing data folder, or `postgres`, or
 *   `nobody`.
 * Throws `TestServerError` when no such user exists.
 */
export async function serverUser(dataDir: string | undefined): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const folder = dataDir === undefined ? undefined : await lstat(dataDir).catch(() => undefined);
  if (folder?.isDirectory() && folder.uid !== 0) return { uid: folder.uid, gid: folder.gid };
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = await Promise.all([idOf("-u", name), idOf("-g", name)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new TestServerError(
    "no_server_user",
    "PostgreSQL does not run as root, and this machine has neither a postgres nor a nobody user",
  );
}

/**
 * Returns whether `user` can enter the folder, or run the program, at `path`. The kernel decides, not the mode bits.
 */
export async function canReach(user: ServerUser | undefined, path: string): Promise<boolean> {
  return run("/bin/sh", ["-c", 'test -x "$1"', "sh", path], { ...user, cwd: "/" }).then(
    () => true,
    () => false,
  );
}

async function idOf(option: "-u" | "-g", name: string): Promise<number | undefined> {
  const output = await run("id", [option, name]).catch(() => undefined);
  return output === undefined ? undefined : Number.parseInt(output.stdout, 10);
}
