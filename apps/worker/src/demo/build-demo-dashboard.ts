import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/**
 * Builds the dashboard's pages, if they are not built or a source has changed since. Calls `write` before a build,
 * because a build takes some seconds. Throws when the build fails, or when `signal` ends the build.
 */
export async function buildDemoDashboard(write: (text: string) => void, signal: AbortSignal): Promise<void> {
  // The build runs as a process of its own: it takes memory that the demo does not need any more afterwards.
  const script = fileURLToPath(new URL("../scripts/bundle.ts", import.meta.resolve("@millrace/dashboard")));
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "pipe"], signal });
  child.stdout.setEncoding("utf8").on("data", write);
  const [errors, [exitCode]] = await Promise.all([text(child.stderr), once(child, "close")]);
  if (exitCode !== 0) throw new Error(`its pages could not be built: ${errors.trim()}`);
}
