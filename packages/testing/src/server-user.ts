import { execFile } from "node:child_process";
import { lstat } from "node:fs/promises";
import { promisify } from "node:util";
import { TestServerError } from "./test-server-error.ts";

const run = promisify(execFile);

/** The operating system user a server runs as, when it is not the user of this process. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user PostgreSQL runs as: `undefined` (this process's own) unless this process is root, which PostgreSQL
 * refuses. Then the owner of an existing data folder, or `postgres`, or `nobody`; no user is created.
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

/** Whether `user` can enter the folder, or run the program, at `path`: judged by the kernel, not by mode bits. */
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
