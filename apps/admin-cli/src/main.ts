#!/usr/bin/env node
import { machineNow } from "@millrace/base";
import { EXIT_CODES } from "./exit-codes.ts";
import { run } from "./run.ts";

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // The reader of the pipe has had enough, as `head` has. The command itself did its work.
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
// Not process.exit(): what is still being written must reach the pipe.
process.exitCode ||= exitCode;
