import { describe, expect, it } from "vitest";
import { suiteResult, type VitestReport } from "./suite-result.ts";

const file = (status: string, tests: readonly [string, string][], message = "") => ({
  name: "/clone/packages/queue/test/claim.db.test.ts",
  status,
  message,
  assertionResults: tests.map(([result, fullName]) => ({ status: result, fullName })),
});

function judge(exitCode: number | null, report?: VitestReport) {
  return suiteResult({ package: "queue", folder: "/clone/packages/queue", exitCode, report, seconds: 7 });
}

describe("suiteResult", () => {
  it("counts what passed", () => {
    const report = { numPassedTests: 2, numFailedTests: 0, testResults: [file("passed", [["passed", "a"]])] };

    expect(judge(0, report)).toEqual({ package: "queue", passed: 2, failed: 0, seconds: 7, failures: [] });
  });

  it("names each failed test with its file", () => {
    const tests: [string, string][] = [
      ["passed", "claim takes one"],
      ["failed", "claim takes two"],
    ];
    const report = { numPassedTests: 1, numFailedTests: 1, testResults: [file("failed", tests)] };

    expect(judge(1, report)).toMatchObject({
      passed: 1,
      failed: 1,
      failures: ["test/claim.db.test.ts > claim takes two"],
    });
  });

  it("counts a file that could not be loaded as a failure", () => {
    const report = { numPassedTests: 0, numFailedTests: 0, testResults: [file("failed", [], "no module")] };

    expect(judge(1, report)).toMatchObject({ failed: 1, failures: ["test/claim.db.test.ts: no module"] });
  });

  it("fails a run whose tests passed and that ended with an error all the same", () => {
    const report = { numPassedTests: 1, numFailedTests: 0, testResults: [file("passed", [["passed", "a"]])] };

    expect(judge(1, report)).toMatchObject({
      passed: 1,
      failed: 1,
      failures: [expect.stringContaining("Vitest ended with 1")],
    });
  });

  it("fails a run that was killed and left no report", () => {
    expect(judge(null)).toMatchObject({
      passed: 0,
      failed: 1,
      failures: [expect.stringContaining("a signal")],
    });
  });
});
