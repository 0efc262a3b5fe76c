import { expect, test } from "vitest";
import { parseJobId } from "./parse-job-id.ts";

test("an id may be written in capitals", () => {
  expect(parseJobId("0199F7A2-5C3E-7D41-9B60-3F2A8C1D4E5F")).toBe("0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f");
});

test.each(["", "1", "0199f7a25c3e7d419b603f2a8c1d4e5f", "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5g", "' OR true"])(
  "%j is no id",
  (text) => {
    expect(() => parseJobId(text)).toThrow("Expected a job id, a UUID");
  },
);
