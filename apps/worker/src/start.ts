import { fileURLToPath } from "node:url";
import { loadConfig, loadSettings } from "./config/config.ts";
import { runDemo } from "./demo/run-demo.ts";
import { runCommandLine } from "./run-command-line.ts";
import { runWorker } from "./run-worker.ts";
import { startFailure } from "./start-failure.ts";
import { stopWithoutLauncher } from "./stop-without-launcher.ts";

// DATABASE_URL is often set for another application. Therefore the variable does not turn the demo into a worker.
const {
  DATABASE_URL,
  MILLRACE_DEMO_DASHBOARD,
  MILLRACE_DEMO_DATA_DIR,
  NO_COLOR,
  npm_lifecycle_event,
  ...env
} = process.env;
const { argv, cwd, stdout, stderr } = process;

if (npm_lifecycle_event === "start") await stopWithoutLauncher(() => process.kill(process.pid, "SIGTERM"));

const NOT_TOUCHED =
  "DATABASE_URL is set. The demo does not touch that database; a worker on it: npx --yes pnpm@12 worker";

const exitCode = await runCommandLine({ argv, env, cwd, stdout, stderr }, async (sources) => {
  const settings = loadSettings(sources);
  if (settings.databaseUrl !== undefined) return runWorker(loadConfig(sources));
  if (DATABASE_URL) stdout.write(`${NOT_TOUCHED}\n`);
  const demo = runDemo({
    settings,
    dataDir: MILLRACE_DEMO_DATA_DIR ?? fileURLToPath(new URL("../../../.millrace/postgres", import.meta.url)),
    dashboard: MILLRACE_DEMO_DASHBOARD !== "off",
    colour: stdout.isTTY === true && !NO_COLOR,
    write: (text) => void stdout.write(text),
  });
  return demo.catch((error: unknown) => {
    stderr.write(`The demo cannot go on: ${error instanceof Error ? error.message : String(error)}\n`);
    return startFailure(error).exitCode;
  });
});
process.exit(exitCode);
