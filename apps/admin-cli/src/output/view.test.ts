import { expect, test } from "vitest";
import type { Terminal } from "../terminal/terminal.ts";
import { wantsColor } from "./view.ts";

const terminal = (isOutput: boolean): Terminal => ({
  isOutput,
  columns: () => undefined,
  rows: () => undefined,
  listenForQuit: () => ({ signal: new AbortController().signal, close: () => undefined }),
});

test.each([
  ["a terminal", true, {}, true],
  ["a file", false, {}, false],
  ["a terminal with NO_COLOR", true, { NO_COLOR: "1" }, false],
  ["a terminal with an empty NO_COLOR", true, { NO_COLOR: "" }, true],
  ["a terminal that knows no colours", true, { TERM: "dumb" }, false],
  ["a file with FORCE_COLOR", false, { FORCE_COLOR: "1" }, true],
  ["a terminal with FORCE_COLOR=0", true, { FORCE_COLOR: "0" }, false],
])("%s", (_case, isOutput, env, expected) => {
  expect(wantsColor({ env, terminal: terminal(isOutput) })).toBe(expected);
});
