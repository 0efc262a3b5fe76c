import { describe, expect, test } from "vitest";
import { pathBelow } from "./path-below.ts";

describe("the path below the path that the API is mounted at", () => {
  test.each([
    ["", "/jobs", "/jobs"],
    ["", "/jobs/", "/jobs"],
    ["", "/", "/"],
    ["/ops/api", "/ops/api/jobs?state=failed", "/jobs"],
    ["/ops/api", "/ops/api/jobs/", "/jobs"],
    ["/ops/api", "/ops/api/", "/"],
    ["/ops/api", "/ops/api", "/"],
    ["/ops/api", "/ops/apis/jobs", null],
    ["/ops/api", "/ops", null],
    ["/ops/api", "/jobs", null],
    ["/ops/api", "/x/ops/api/jobs", null],
    ["/ops/api", "/ops/api/../jobs", null],
  ])("%j: %s is %j", (basePath, path, below) => {
    expect(pathBelow(basePath, new Request(`http://localhost${path}`))).toBe(below);
  });
});
