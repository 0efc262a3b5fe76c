import { describe, expect, test } from "vitest";
import { block, fields, instantText, table } from "./table.ts";

describe("table", () => {
  test("is drawn in plain characters, aligned", () => {
    expect(
      table(
        ["ID", "STATE"],
        [
          ["a", "queued"],
          ["bb", null],
        ],
      ),
    ).toBe(
      [
        "+----+--------+",
        "| ID | STATE  |",
        "+----+--------+",
        "| a  | queued |",
        "| bb | -      |",
        "+----+--------+",
      ].join("\n"),
    );
  });

  test("a wide value is cut and says so; an id never is", () => {
    const id = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";

    const drawn = table(["ID", "TYPE"], [[id, "t".repeat(100)]]);

    expect(drawn).toContain(`| ${id} | ${"t".repeat(47)}… |`);
  });

  test("a cell is one line, whatever it holds", () => {
    expect(table(["ERROR"], [["a\n| forged | row |\u001b[1A"]]).split("\n")).toEqual([
      expect.any(String),
      expect.any(String),
      expect.any(String),
      "| a\\n| forged | row |\\u001b[1A |",
      expect.any(String),
    ]);
  });
});

describe("fields", () => {
  test("values stand in one column, are escaped, and are not cut", () => {
    const long = "k".repeat(255);

    expect(
      fields([
        ["Id", "x\u0007"],
        ["Longer", long],
        ["At", new Date(0)],
        ["None", null],
      ]),
    ).toBe(`Id      x\\u0007\nLonger  ${long}\nAt      1970-01-01T00:00:00Z\nNone    -`);
  });
});

test("a block is indented under its heading", () => {
  expect(block("Payload", "{\n}")).toBe("Payload\n  {\n  }");
});

test("an instant that a Date cannot hold is not a crash", () => {
  expect(instantText(new Date("-infinity"))).toBe("out of range");
});
