import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * Kills a postmaster and all processes that it has started, as a power failure would: nothing is flushed, and no client
 * gets an answer. Each of PostgreSQL's processes is in a process group of its own, so a group's signal would not do.
 */
export async function killServer(postmaster: number): Promise<void> {
  // A stopped postmaster starts no further process while the list is made.
  process.kill(postmaster, "SIGSTOP");
  for (const pid of [...(await childrenOf(postmaster)), postmaster]) killIfAlive(pid);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // The process has ended by itself.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  if (process.platform === "linux") {
    const children = await readFile(`/proc/${parent}/task/${parent}/children`, "utf8");
    return children.split(" ").map(Number).filter(Boolean);
  }
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid="]);
  const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, ppid]) => (ppid === parent && pid !== undefined ? [pid] : []));
}
