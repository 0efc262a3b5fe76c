import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { waitFor } from "../src/index.ts";
import { isAlive } from "../src/postmaster-file.ts";
import { startBusyLoops } from "../src/stress/busy-loops.ts";
import { packageFile, runProgram } from "./run-program.ts";

it("busy loops end when they are disposed of", async () => {
  const loops = startBusyLoops(2);
  const { pids } = loops;

  await loops[Symbol.asyncDispose]();

  expect(pids).toHaveLength(2);
  expect(await Promise.all(pids.map(isRunning))).toEqual([false, false]);
});

it("busy loops end when the program that started them is killed", async () => {
  const program = runProgram([packageFile("test/program/hold-busy-loops.ts")], process.env);
  const line = await program.line(/^pids=/);
  const pids = line.slice("pids=".length).split(",").map(Number);

  process.kill(program.pid, "SIGKILL");

  await waitFor(async () => (await Promise.all(pids.map(isRunning))).every((running) => !running), {
    description: "both loops to end",
  });
});

/** Whether it still runs: a process that ended and was not waited for yet is a zombie, state Z. */
async function isRunning(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat === undefined ? isAlive(pid) && process.platform !== "linux" : !stat.includes(") Z ");
}
