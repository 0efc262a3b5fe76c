import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Environment } from "./environment.ts";
import { startTestServer } from "./start-test-server.ts";

/** A command to run, and its environment. TEST_DATABASE_URL is added to the environment. */
export interface CommandOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** Whether this process is in the foreground of a terminal. Such a terminal sends Ctrl-C to the command as well. */
  readonly interactive: boolean;
}

const forwardedSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a command with a server for tests. The server has gone before the promise resolves.
 * Returns the exit status as a shell would: 128 + n after signal n, 127 for a command that was not found, 126 for a
 * command that cannot be run.
 */
export async function runWithTestServer(options: CommandOptions): Promise<number> {
  // No signal is caught before the command runs: a signal during the start ends this process, and the watchdog removes
  // the server.
  const server = await startTestServer({ env: options.env });
  const child = spawn(options.command, options.args, {
    stdio: "inherit",
    env: { ...options.env, TEST_DATABASE_URL: server.url },
  });
  const forwarding = forwardSignals(child, options.interactive);
  try {
    return await exitStatus(child);
  } finally {
    // Signals stay caught until the server has gone, so that this program ends with the command's status.
    await server.stop();
    forwarding.end();
  }
}

function forwardSignals(child: ChildProcess, interactive: boolean): { end(): void } {
  const forward = (signal: NodeJS.Signals): void => {
    // The terminal has sent Ctrl-C to the command already. Many test runners take a second Ctrl-C as "die now".
    if (signal === "SIGINT" && interactive) return;
    child.kill(signal);
  };
  for (const signal of forwardedSignals) process.on(signal, forward);
  return {
    end() {
      for (const signal of forwardedSignals) process.off(signal, forward);
    },
  };
}

function exitStatus(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`testpg: ${error.message}\n`);
      resolve("code" in error && error.code === "ENOENT" ? 127 : 126);
    });
    child.once("exit", (status, signal) =>
      resolve(signal === null ? (status ?? 1) : 128 + constants.signals[signal]),
    );
  });
}
