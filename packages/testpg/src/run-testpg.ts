import { commandOf } from "./command-of.ts";
import { runWithTestServer } from "./run-with-test-server.ts";

const usage = `Usage: testpg [--] COMMAND [ARGUMENT...]

Runs COMMAND with TEST_DATABASE_URL naming a PostgreSQL for tests, and exits with its status.
The server is the one TEST_DATABASE_URL names already, else a Docker container, else an embedded one.
`;

/** The `testpg` command: reads this process's arguments and environment, and sets its exit code. Never rejects. */
export async function runTestpg(): Promise<void> {
  const line = commandOf(process.argv.slice(2));
  if (line === undefined) {
    process.stderr.write(usage);
    process.exitCode = 2;
    return;
  }
  try {
    const interactive = process.stdin.isTTY === true;
    process.exitCode = await runWithTestServer({ ...line, env: process.env, interactive });
  } catch (error) {
    process.stderr.write(`testpg: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
