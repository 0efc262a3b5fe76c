import { describe, expect, it } from "vitest";
import { commandOf } from "./command-of.ts";

describe("commandOf", () => {
  it.each([
    [["--", "node", "-e", "1"], { command: "node", args: ["-e", "1"] }],
    [["node", "-e", "1"], { command: "node", args: ["-e", "1"] }],
    [["--", "a", "--", "b"], { command: "a", args: ["--", "b"] }],
    [[], undefined],
    [["--"], undefined],
    [["--help"], undefined],
    [["--", "-x"], undefined],
  ])("%j means %j", (args, expected) => {
    expect(commandOf(args)).toEqual(expected);
  });
});
