/** The result of one run of a package's suite. */
export interface SuiteResult {
  readonly package: string;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  /** Each failed test with its file, or another reason why the run failed. */
  readonly failures: readonly string[];
}

/** The fields of Vitest's JSON report that `suiteResult` reads. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** How a run of Vitest ended. */
export interface SuiteRun {
  readonly package: string;
  /** The folder to which the names of files are relative. */
  readonly folder: string;
  readonly exitCode: number | null;
  /** Vitest's report; undefined when Vitest wrote no report. */
  readonly report: VitestReport | undefined;
  readonly seconds: number;
}

/** Judges a run. A run that exits with an error has failed, even when each of its tests passed. */
export function suiteResult({ report, exitCode, folder, ...run }: SuiteRun): SuiteResult {
  const failures = (report?.testResults ?? []).flatMap((file) => {
    const path = file.name.startsWith(`${folder}/`) ? file.name.slice(folder.length + 1) : file.name;
    const failed = file.assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0 && file.status === "failed") return [`${path}: ${file.message || "it failed"}`];
    return failed.map((test) => `${path} > ${test.fullName}`);
  });
  if (exitCode !== 0 && failures.length === 0) {
    failures.push(`no test, but Vitest ended with ${exitCode ?? "a signal"}; its log says why`);
  }
  return {
    package: run.package,
    passed: report?.numPassedTests ?? 0,
    failed: Math.max(report?.numFailedTests ?? 0, failures.length),
    seconds: run.seconds,
    failures,
  };
}
