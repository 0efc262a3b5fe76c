#!/usr/bin/env node
import { machineNow } from "@millrace/base";
import { EXIT_CODES } from "./exit-codes.ts";
import { run } from "./run.ts";

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // The reader closed the pipe early, as `head` does. The command has succeeded.
    if (error.code === "EPIPE") return;
    process.exitCode = EXIT_CODES.failed;
    if (stream === process.stdout)
      process.stderr.write(`millrace: Cannot write the output: ${error.message}.\n`);
  });
}

const exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  now: () => new Date(machineNow()),
});
// `process.exit()` would cut off output that is still being written to a pipe.
process.exitCode ||= exitCode;
