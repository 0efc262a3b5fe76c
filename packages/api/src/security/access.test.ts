import { describe, expect, test } from "vitest";
import { ACTIONS } from "../contract/session.ts";
import { grantedOf } from "./access.ts";

describe("an access", () => {
  test("null grants nothing, read no action, all every action, and a list its own", () => {
    expect(grantedOf(null)).toBeNull();
    expect(grantedOf("read")).toEqual({ who: null, actions: new Set() });
    expect(grantedOf("all")).toEqual({ who: null, actions: new Set(ACTIONS) });
    expect(grantedOf({ actions: ["jobs.retry"], who: "ada" })).toEqual({
      who: "ada",
      actions: new Set(["jobs.retry"]),
    });
  });

  test.each([
    [undefined],
    [true],
    [""],
    ["admin"],
    [[]],
    [{}],
    [{ actions: "all" }],
    [{ actions: ["jobs.everything"] }],
    [{ actions: ["constructor"] }],
    [{ actions: [], who: "" }],
    [{ actions: [], who: "a\u0000b" }],
    [{ actions: [], who: "x".repeat(201) }],
    [{ actions: [], role: "admin" }],
    [{ actions: [], who: undefined }],
  ])("%j is refused, and opens nothing", (access) => {
    expect(() => grantedOf(access)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });
});
