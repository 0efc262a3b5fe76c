import { describe, expect, test } from "vitest";
import { matchPath, pathBelow } from "./match-path.ts";

describe("matchPath", () => {
  test.each([
    ["/", "/", {}],
    ["/jobs", "/jobs/", {}],
    ["/jobs/:id", "/jobs/0198", { id: "0198" }],
    ["/schedules/:name", "/schedules/a%2Fb%20c", { name: "a/b c" }],
    ["/jobs/:id", "/jobs", null],
    ["/jobs", "/jobs/0198", null],
    ["/jobs/:id", "/jobs/%zz", null],
  ])("matches %s with %s", (pattern, path, params) => {
    expect(matchPath(pattern, path)).toEqual(params);
  });
});

describe("pathBelow", () => {
  test.each([
    ["", "/jobs", "/jobs"],
    ["/ops", "/ops", "/"],
    ["/ops", "/ops/jobs", "/jobs"],
    ["/ops", "/opsx/jobs", null],
    ["/ops", "/", null],
  ])("below %j, the path %s is %j", (base, path, below) => {
    expect(pathBelow(base, path)).toBe(below);
  });
});
