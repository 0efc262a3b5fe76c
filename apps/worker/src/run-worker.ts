import type { Logger } from "pino";
import type { Config } from "./config/config.ts";
import { createLog, logEvent } from "./log.ts";
import { createLogRedactor } from "./log-redactor.ts";
import { startFailure } from "./start-failure.ts";
import { type RunningWorker, startWorker } from "./start-worker.ts";
import { stopSignals } from "./stop-signals.ts";
import { loadTracing, type Tracing } from "./tracing.ts";

/** The exit code of a worker program: 0 after a signal or when `once` is done, 1 for a failure, 2 for a wrong setup. */
export type ExitCode = 0 | 1 | 2;

/**
 * Runs a worker until SIGTERM or SIGINT, or with `config.once` until no due job is left, with a log of JSON lines on
 * standard output. When the worker cannot start or go on, prints the reason as plain text on standard error, and logs
 * the error with its stack.
 */
export async function runWorker(config: Config): Promise<ExitCode> {
  const redactor = createLogRedactor(config.logRedact);
  let tracing: Tracing | null = null;
  const log = createLog(config.logLevel, {
    redactor,
    ...(config.tracing === "off" ? {} : { activeSpan: () => tracing?.activeSpan() ?? {} }),
  });
  const stopping = stopSignals((code) => {
    log.warn({ code }, "second signal, exiting at once");
    process.exit(code);
  });
  // Logs an error of a promise or callback that no code handles. The process then ends as without this listener.
  process.once("uncaughtExceptionMonitor", (err) => log.fatal({ err }, "uncaught error, exiting"));
  let doing = "start";
  try {
    tracing = await loadTracing(config.tracing, redactor ?? {});
    if (tracing !== null) log.info("jobs are traced by OpenTelemetry");
    const worker = await startWorker({
      config,
      logger: log,
      ...(tracing === null ? {} : { telemetry: tracing.telemetry }),
      onEvent: (event) => logEvent(log, event, redactor),
      signal: stopping.signal,
    });
    doing = "go on";
    await untilEnd(worker, stopping.signal, log);
    return 0;
  } catch (err) {
    log.fatal({ err }, `the worker cannot ${doing}`);
    const { message, exitCode } = startFailure(err);
    process.stderr.write(`The worker cannot ${doing}:\n  ${message}\n`);
    return exitCode;
  } finally {
    await tracing?.flush();
    stopping.dispose();
  }
}

/** Waits until a signal comes or the worker has nothing left to do, and stops the worker. */
async function untilEnd(worker: RunningWorker | null, signal: AbortSignal, log: Logger): Promise<void> {
  const empty = worker?.empty;
  try {
    await (empty === undefined ? aborted(signal) : Promise.race([aborted(signal), empty]));
    if (signal.aborted) log.info({ signal: signal.reason }, "told to stop");
  } finally {
    await worker?.stop();
  }
  if (empty !== undefined) log.info(await empty, "the worker has run what was due");
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
