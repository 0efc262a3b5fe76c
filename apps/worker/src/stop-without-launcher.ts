import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { whileAlive } from "@millrace/base";

const run = promisify(execFile);

const LOOK_EVERY_MS = 500;

/** The longest chain is npx, a shell, pnpm, a shell. The search ends after this many ancestors. */
const LAUNCHERS_MAX = 6;

const PACKAGE_MANAGER = /(?:^|[\s/])(?:npm|npx|pnpm)(?:[\s@.]|$)/;

/**
 * Calls `stop` when one of the package managers that started this process has ended. npx and pnpm do not pass SIGTERM
 * on, so a program that ends them with SIGTERM would leave this process running.
 */
export async function stopWithoutLauncher(stop: () => void): Promise<void> {
  const launchers = await findLaunchers();
  if (launchers.length === 0) return;
  const look = async () => {
    if (await isIntact(launchers)) whileAlive(LOOK_EVERY_MS, look);
    else stop();
  };
  whileAlive(LOOK_EVERY_MS, look);
}

/** Returns the ids of this process's ancestors up to the topmost package manager, nearest first. */
async function findLaunchers(): Promise<number[]> {
  const ancestors: number[] = [];
  let topmost = 0;
  for (let pid = process.ppid; pid > 1 && ancestors.length < LAUNCHERS_MAX; ) {
    ancestors.push(pid);
    if (PACKAGE_MANAGER.test(await commandOf(pid))) topmost = ancestors.length;
    pid = await parentOf(pid);
  }
  return ancestors.slice(0, topmost);
}

/** Whether each launcher is still the parent of the process below it. An orphan gets another parent. */
async function isIntact(launchers: readonly number[]): Promise<boolean> {
  const parents = [process.ppid, ...(await Promise.all(launchers.slice(0, -1).map(parentOf)))];
  return launchers.every((pid, index) => parents[index] === pid);
}

/** Returns the id of a process's parent; 0 when the process does not exist. */
async function parentOf(pid: number): Promise<number> {
  const status = await told(pid, { file: "stat", column: "ppid" });
  // In `stat` the program's name comes first, and may contain spaces and parentheses.
  return Number(
    status
      .slice(status.lastIndexOf(")") + 1)
      .trim()
      .split(" ")
      .at(LINUX ? 1 : 0),
  );
}

async function commandOf(pid: number): Promise<string> {
  return (await told(pid, { file: "cmdline", column: "args" })).replaceAll("\u0000", " ");
}

const LINUX = process.platform === "linux";

/** Reads a fact about a process; empty for no such process. Reads /proc on Linux, because containers often lack ps. */
async function told(pid: number, { file, column }: { file: string; column: string }): Promise<string> {
  try {
    if (LINUX) return await readFile(`/proc/${pid}/${file}`, "utf8");
    return (await run("ps", ["-o", `${column}=`, "-p", String(pid)])).stdout;
  } catch {
    // The process has ended.
    return "";
  }
}
