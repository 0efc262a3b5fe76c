import { pathToFileURL } from "node:url";
import { startBeat, systemClock } from "@millrace/base";
import { TaskModuleError } from "./load-tasks-error.ts";
import { locateError } from "./locate-error.ts";

/** How to watch and end the loading of modules. */
export interface LoadModuleOptions {
  /** Called every `slowAfterMs` while a module is still loading. */
  onSlow(file: string, waitedMs: number): void;
  /** Default: 5 s. */
  slowAfterMs?: number;
  /** Ends the wait for a module. */
  signal: AbortSignal;
}

const SLOW_AFTER_MS = 5_000;

/**
 * Loads a module and returns its exports. The load has no time limit; `onSlow` is called while a top-level `await`
 * takes long. Throws `TaskModuleError` when the module fails to load, and the reason of `signal` after an abort.
 */
export async function loadModule(
  file: string,
  { onSlow, slowAfterMs = SLOW_AFTER_MS, signal }: LoadModuleOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const beganAt = systemClock.now();
  // The beat's timer also keeps the process alive: Node exits when only an unsettled `await` is left.
  const reports = startBeat({
    clock: systemClock,
    firstMs: slowAfterMs,
    async work() {
      onSlow(file, Math.round(systemClock.now() - beganAt));
      return slowAfterMs;
    },
  });
  using aborted = rejectOnAbort(signal);
  try {
    return await Promise.race([importFile(file), aborted.promise]);
  } finally {
    await reports.stop();
  }
}

async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new TaskModuleError(file, { cause: error, location: await locateError(error, file) });
  }
}

function rejectOnAbort(signal: AbortSignal) {
  const { promise, reject } = Promise.withResolvers<never>();
  const listen = () => reject(signal.reason);
  if (signal.aborted) listen();
  signal.addEventListener("abort", listen);
  return { promise, [Symbol.dispose]: () => signal.removeEventListener("abort", listen) };
}
