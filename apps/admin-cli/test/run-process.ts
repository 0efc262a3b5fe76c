import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { Outcome } from "./run-command.ts";

/** How to run the command as a process of its own. */
export interface ProcessOptions {
  readonly env?: Record<string, string>;
  /** Written to standard input, which is then closed. Default: nothing, and it stays open. */
  readonly stdin?: string;
  /** Closes the reading end of standard output before anything is written. */
  readonly closeStdout?: boolean;
}

const MAIN = join(import.meta.dirname, "../src/main.ts");

/** Runs the command as its users do; it is killed at the end of the test at the latest. */
export async function runProcess(argv: readonly string[], options: ProcessOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, ["--conditions=@millrace/source", MAIN, ...argv], {
    env: { PATH: process.env["PATH"], ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const closed = once(child, "close");
  if (options.closeStdout === true) child.stdout.destroy();
  if (options.stdin !== undefined) child.stdin.end(options.stdin);
  const stdout = options.closeStdout === true ? "" : text(child.stdout);
  const stderr = await text(child.stderr);
  const [exitCode] = await closed;
  return { exitCode, stdout: await stdout, stderr };
}
