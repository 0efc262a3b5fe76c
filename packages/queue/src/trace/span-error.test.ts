import { describe, expect, test } from "vitest";
import { attemptError, thrownError } from "./span-error.ts";

describe("the error of an attempt", () => {
  test.each([
    ["RangeError: too far\n    at run (task.ts:1:1)", "RangeError"],
    ["JobTimeoutError: took too long [JOB_TIMEOUT]", "JobTimeoutError"],
    ["error: duplicate key [23505]\n    at Parser", "23505"],
    ["error: no code", "error"],
    ["a text that was thrown", "_OTHER"],
    ["order 7: not found", "_OTHER"],
    ["order 7: not found [AB123]", "_OTHER"],
    ["", "_OTHER"],
    [`${"x".repeat(200)}: long`, "_OTHER"],
  ])("%j has the type %s", (text, type) => {
    expect(attemptError(text, text).type).toBe(type);
  });

  test("shows the first line as the message, and all of the text that may be shown", () => {
    expect(attemptError("TypeError: s3cret\n    at x", "TypeError: [hidden]\n    at x")).toEqual({
      type: "TypeError",
      message: "TypeError: [hidden]",
      text: "TypeError: [hidden]\n    at x",
    });
  });
});

describe("what an enqueue threw", () => {
  test("has its class, or the SQLSTATE of the server", () => {
    expect(thrownError(new RangeError("far"))).toMatchObject({ type: "RangeError", message: "far" });
    const refused = Object.assign(new Error("no"), { name: "error", code: "42P01" });
    expect(thrownError(refused).type).toBe("42P01");
  });

  test("may be anything", () => {
    expect(thrownError("text").type).toBe("_OTHER");
    expect(thrownError(Object.assign(new Error("x"), { name: "many words" })).type).toBe("_OTHER");
    const { proxy, revoke } = Proxy.revocable(new Error("x"), {});
    revoke();
    expect(thrownError(proxy)).toEqual({ type: "_OTHER", message: "", text: "" });
  });
});
