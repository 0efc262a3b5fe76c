import { userInfo } from "node:os";
import { machineNow, systemClock } from "@millrace/base";
import { EXIT_CODES } from "./exit-codes.ts";
import { run } from "./run.ts";
import { processTerminal } from "./terminal/process-terminal.ts";

/** Set when the reader of standard output has closed the pipe. */
let readerHasGone = false;

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (stream === process.stdout) readerHasGone = true;
    // The reader closed the pipe early, as `head` does. The command has succeeded.
    if (error.code === "EPIPE") return;
    process.exitCode = EXIT_CODES.failed;
    if (stream === process.stdout)
      process.stderr.write(`millrace: Cannot write the output: ${error.message}.\n`);
  });
}

const exitCode = await run(process.argv.slice(2), {
  stdout: { write: (text) => process.stdout.write(text), drained: stdoutDrained },
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  now: () => new Date(machineNow()),
  clock: systemClock,
  terminal: processTerminal(process),
  osUser,
});
// `process.exit()` would cut off output that is still being written to a pipe.
process.exitCode ||= exitCode;

function stdoutDrained(): Promise<boolean> {
  if (readerHasGone || !process.stdout.writableNeedDrain) return Promise.resolve(!readerHasGone);
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ["drain", "error", "close"]) process.stdout.off(event, done);
      resolve(!readerHasGone);
    };
    for (const event of ["drain", "error", "close"]) process.stdout.on(event, done);
  });
}

function osUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the list of users, as in some containers.
    return undefined;
  }
}
