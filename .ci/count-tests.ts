import { globSync, readFileSync } from "node:fs";

/** The part of Vitest's JSON report that is counted. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  numPendingTests: number;
  success: boolean;
}

const files = globSync("{packages,apps,benchmarks,packaging,site}/**/test-results/*.json", {
  exclude: ["**/node_modules/**"],
});
const reports = files.map((file) => JSON.parse(readFileSync(file, "utf8")) as Report);
const sum = (pick: (report: Report) => number) => reports.reduce((total, report) => total + pick(report), 0);

const passed = sum((report) => report.numPassedTests);
// A suite that could not be loaded has no failed test, but has failed.
const failed = Math.max(
  sum((report) => report.numFailedTests),
  reports.filter((report) => !report.success).length,
);
process.stdout.write(
  `${passed} passed, ${failed} failed, ${sum((report) => report.numPendingTests)} skipped\n`,
);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
