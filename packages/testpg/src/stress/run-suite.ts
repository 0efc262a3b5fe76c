import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { DatabaseSuite } from "./database-suites.ts";
import { type SuiteResult, suiteResult, type VitestReport } from "./suite-result.ts";

/** How to run a suite. */
export interface RunSuiteOptions {
  readonly seed: number;
  /** The folder of the suite's log and report. */
  readonly folder: string;
  /** An abort ends the run. */
  readonly signal: AbortSignal;
}

/** Runs a package's database suite once. The seed decides the order of the files and of their tests. */
export async function runSuite(suite: DatabaseSuite, options: RunSuiteOptions): Promise<SuiteResult> {
  const { seed, folder, signal } = options;
  const reportFile = join(folder, `${suite.name}.json`);
  await mkdir(folder, { recursive: true });
  await rm(reportFile, { force: true });
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      vitestOf(suite),
      ...["run", "--project", "db", "--sequence.shuffle", `--sequence.seed=${seed}`, "--no-color"],
      ...["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`],
    ],
    {
      cwd: suite.folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, MILLRACE_TEST_SEED: String(seed) },
    },
  );
  const log = createWriteStream(join(folder, `${suite.name}.log`));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const end = () => void child.kill("SIGTERM");
  signal.addEventListener("abort", end);
  const [exitCode] = await once(child, "close");
  signal.removeEventListener("abort", end);
  log.end();
  return suiteResult({
    package: suite.name,
    folder: suite.folder,
    exitCode,
    report: readReport(reportFile),
    seconds: (performance.now() - startedAt) / 1_000,
  });
}

/** Returns the path of the Vitest that the package's own script runs. */
function vitestOf(suite: DatabaseSuite): string {
  const manifest = createRequire(join(suite.folder, "package.json")).resolve("vitest/package.json");
  return join(dirname(manifest), "vitest.mjs");
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // A run that was cut off wrote no report.
    return undefined;
  }
}
