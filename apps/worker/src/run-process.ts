import { loadConfig } from "./config/config.ts";
import { runCommandLine } from "./run-command-line.ts";
import { runWorker } from "./run-worker.ts";
import { stopWithoutLauncher } from "./stop-without-launcher.ts";

if (process.env.npm_lifecycle_event === "worker")
  await stopWithoutLauncher(() => process.kill(process.pid, "SIGTERM"));

// A task may have left a timer or connection open that would keep the process alive.
process.exit(await runCommandLine(process, (sources) => runWorker(loadConfig(sources))));
