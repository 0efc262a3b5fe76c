import { readdir, readFile } from "node:fs/promises";

/** The length of a clock tick in /proc: every Linux that Node runs on counts 100 ticks a second. */
const MS_PER_TICK = 10;

interface ProcessTimes {
  parent: number;
  ownTicks: number;
  /** CPU ticks of the children that have ended. */
  endedTicks: number;
}

/**
 * Returns the CPU time of a process in ms, with the CPU time of its living children and of its ended children. Returns
 * null when /proc does not show the process.
 */
export async function processTreeCpuMs(pid: number): Promise<number | null> {
  const root = await timesOf(pid);
  if (root === null) return null;
  const entries = await readdir("/proc");
  const others = await Promise.all(
    entries.filter((name) => /^\d+$/.test(name)).map((name) => timesOf(Number(name))),
  );
  const children = others.filter((times) => times?.parent === pid);
  const ticks = children.reduce(
    (sum, times) => sum + (times?.ownTicks ?? 0),
    root.ownTicks + root.endedTicks,
  );
  return ticks * MS_PER_TICK;
}

async function timesOf(pid: number): Promise<ProcessTimes | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return text === null ? null : parseProcessStat(text);
}

/** Parses a line of /proc/<pid>/stat. The command in parentheses may contain spaces and parentheses. */
export function parseProcessStat(text: string): ProcessTimes {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (position: number) => Number(fields[position - 3] ?? 0);
  return { parent: field(4), ownTicks: field(14) + field(15), endedTicks: field(16) + field(17) };
}
