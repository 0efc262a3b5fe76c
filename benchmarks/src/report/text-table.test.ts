import { expect, test } from "vitest";
import { textTable } from "./text-table.ts";

test("columns are as wide as their widest cell, numbers to the right", () => {
  const table = textTable([
    ["peer", "jobs/s"],
    ["millrace", "70,000"],
    ["x", "5"],
  ]);

  expect(table).toBe(
    ["peer      jobs/s", "--------  ------", "millrace  70,000", "x              5"].join("\n"),
  );
});
