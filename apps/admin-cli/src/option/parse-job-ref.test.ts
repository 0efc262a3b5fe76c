import { expect, test } from "vitest";
import { parseJobRef } from "./parse-job-ref.ts";

const ID = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";

test.each([
  [ID, { kind: "id", text: ID }],
  [ID.toUpperCase(), { kind: "id", text: ID }],
  ["0199", { kind: "part", text: "0199" }],
  ["0199f7a2-5c", { kind: "part", text: "0199f7a25c" }],
  ["0199f7a2-", { kind: "part", text: "0199f7a2" }],
  ["0199f7a25c3e7d419b603f2a8c1d4e5f", { kind: "part", text: "0199f7a25c3e7d419b603f2a8c1d4e5f" }],
  ["1d4e5f", { kind: "part", text: "1d4e5f" }],
  ["…1D4E5F", { kind: "end", text: "1d4e5f" }],
  ["...8c1d4e5f", { kind: "end", text: "8c1d4e5f" }],
])("%s names a job", (text, expected) => {
  expect(parseJobRef(text)).toEqual(expected);
});

test.each(["", "7", "019", "…d4e5f", "…3f2a8c1d4e5f0", "0199-f7a2", "019g", "' OR true", "\u001b[2J"])(
  "%j names no job",
  (text) => {
    expect(() => parseJobRef(text)).toThrow("Expected a job id: a UUID such as");
  },
);
