import { execFile } from "node:child_process";
import { readFile, readlink, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** The content of `postmaster.pid`, which a running server writes. */
export interface PostmasterFile {
  readonly pid: number;
  readonly ready: boolean;
  readonly stopping: boolean;
}

/** Parses the text of `postmaster.pid`. Returns `undefined` while the server has not written a process id. */
export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const lines = text.split("\n");
  const pid = Number.parseInt(lines[0] ?? "", 10);
  // The eighth line is the status, padded with blanks: starting, ready, stopping or standby.
  const status = lines[7]?.trim();
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, ready: status === "ready", stopping: status === "stopping" };
}

/** Reads the `postmaster.pid` of a data folder. Returns `undefined` when the file does not exist. */
export async function readPostmasterFile(dataDir: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(dataDir, "postmaster.pid"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : parsePostmasterFile(text);
}

/**
 * Returns the server that runs on a data folder, or `undefined`. A left-over file may name a process id of the past:
 * - When the id belongs to another program by now, the file is removed, because PostgreSQL would refuse to start.
 * - When no process has the id, the file stays: it leads PostgreSQL to the shared memory that shows orphaned backends.
 */
export async function runningPostmaster(dataDir: string): Promise<PostmasterFile | undefined> {
  const file = await readPostmasterFile(dataDir);
  if (file === undefined || !isAlive(file.pid)) return undefined;
  if (await isServing(file.pid, await realpath(dataDir))) return file;
  await rm(join(dataDir, "postmaster.pid"), { force: true });
  return undefined;
}

/** Returns whether a process, or a zombie, has the process id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isServing(pid: number, dataDir: string): Promise<boolean> {
  // A postmaster's working directory is its data folder. Without /proc, the command line must name the data folder.
  if (process.platform === "linux") return (await readlink(`/proc/${pid}/cwd`).catch(() => "")) === dataDir;
  const output = await promisify(execFile)("ps", ["-ww", "-o", "command=", "-p", String(pid)]).catch(
    () => undefined,
  );
  return output?.stdout.includes(dataDir) ?? false;
}
