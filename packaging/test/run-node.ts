import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** How long a program may take, in ms. It ends a program that hangs. */
const TIME_LIMIT_MS = 60_000;

/** How to run a program. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  /** Default: the Node of the tests. */
  readonly node?: string;
}

/** Runs a file to its end, without the variables of the tests. Returns its standard output. Throws if it fails. */
export async function runNode(
  args: readonly string[],
  { cwd, env = {}, node = process.execPath }: RunOptions,
): Promise<string> {
  const { stdout } = await run(node, [...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    timeout: TIME_LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}
