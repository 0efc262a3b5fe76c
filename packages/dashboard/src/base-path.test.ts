import { describe, expect, test } from "vitest";
import { checkBasePath, pathBelow } from "./base-path.ts";

describe("a base path", () => {
  test.each(["", "/ops", "/ops/millrace", "/~team/v1.2_x-y"])("may be %j", (path) => {
    expect(checkBasePath(path)).toBe(path);
  });

  test.each(["/", "ops", "/ops/", "//ops", "/a b", "/a?b", "/%41", '/"><script>', "/a/../b", "/.", 7, null])(
    "may not be %j",
    (path) => {
      expect(() => checkBasePath(path)).toThrow("Expected `basePath` to be empty or a path");
    },
  );
});

describe("the path below a base path", () => {
  test.each([
    ["", "/", "/"],
    ["", "/jobs", "/jobs"],
    ["/ops", "/ops", "/"],
    ["/ops", "/ops/", "/"],
    ["/ops", "/ops/jobs/7", "/jobs/7"],
    ["/ops", "/opsjobs", "/opsjobs"],
  ])("%j, %j: %j", (basePath, pathname, below) => {
    expect(pathBelow(basePath, pathname)).toBe(below);
  });

  test("is the whole path when a proxy has cut off the base path", () => {
    expect(pathBelow("/ops", "/api/jobs")).toBe("/api/jobs");
  });
});
