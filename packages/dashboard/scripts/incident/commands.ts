import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const MAIN = join(import.meta.dirname, "../../../../apps/admin-cli/src/main.ts");

/**
 * Runs the `millrace` command as Ada, who looks after the shop. Returns what the command prints. Throws if it fails.
 */
export type RunCommand = (argv: readonly string[]) => Promise<string>;

/** Makes the command for a database. */
export function commandOn(databaseUrl: string): RunCommand {
  return async (argv) => {
    const child = spawn(process.execPath, ["--conditions=@millrace/source", MAIN, ...argv], {
      env: {
        PATH: process.env["PATH"],
        TZ: "UTC",
        MILLRACE_DATABASE_URL: databaseUrl,
        MILLRACE_ACTOR: "ada",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const closed = once(child, "close");
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [exitCode] = await closed;
    if (exitCode !== 0) throw new Error(`millrace ${argv.join(" ")} ended with ${exitCode}: ${stderr}`);
    return stdout.trimEnd();
  };
}
