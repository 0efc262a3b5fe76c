import { expect, it } from "vitest";
import { parsePostmasterFile } from "./postmaster-file.ts";

const lines = ["4711", "/data", "1700000000", "5432", "", "127.0.0.1", "  5432001  7"];

it.each([
  [[...lines, "ready   ", ""].join("\n"), { pid: 4711, ready: true, stopping: false }],
  [[...lines, "starting", ""].join("\n"), { pid: 4711, ready: false, stopping: false }],
  [[...lines, "stopping", ""].join("\n"), { pid: 4711, ready: false, stopping: true }],
  ["4711\n", { pid: 4711, ready: false, stopping: false }],
  ["", undefined],
  ["-4711\n", undefined],
])("%j is read as %j", (text, expected) => {
  expect(parsePostmasterFile(text)).toEqual(expected);
});
