import type { Logger } from "pino";
import type { Config } from "./config/config.ts";
import { createLog, logEvent } from "./log.ts";
import { startFailure } from "./start-failure.ts";
import { startWorker } from "./start-worker.ts";
import { stopSignals } from "./stop-signals.ts";

/** The exit code of a worker program: 0 after a signal, 1 for a failure, 2 for a wrong setup. */
export type ExitCode = 0 | 1 | 2;

/**
 * Runs a worker until SIGTERM or SIGINT, with a log of JSON lines on standard output. When the worker cannot start,
 * prints the reason as plain text on standard error, and logs the error with its stack.
 */
export async function runWorker(config: Config, log: Logger = createLog(config.logLevel)): Promise<ExitCode> {
  const stopping = stopSignals((code) => {
    log.warn({ code }, "second signal, exiting at once");
    process.exit(code);
  });
  // Logs an error of a promise or callback that no code handles. The process then ends as without this listener.
  process.once("uncaughtExceptionMonitor", (err) => log.fatal({ err }, "uncaught error, exiting"));
  try {
    const worker = await startWorker({
      config,
      logger: log,
      onEvent: (event) => logEvent(log, event),
      signal: stopping.signal,
    });
    await aborted(stopping.signal);
    log.info({ signal: stopping.signal.reason }, "told to stop");
    await worker?.stop();
    return 0;
  } catch (err) {
    log.fatal({ err }, "the worker cannot start");
    const { message, exitCode } = startFailure(err);
    process.stderr.write(`The worker cannot start:\n  ${message}\n`);
    return exitCode;
  } finally {
    stopping.dispose();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
