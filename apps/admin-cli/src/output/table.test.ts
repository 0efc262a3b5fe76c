import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { displayWidth } from "./display-width.ts";
import { instantText } from "./instant-text.ts";
import { block, cut, fields, right, table } from "./table.ts";
import type { View } from "./view.ts";

const VIEW: View = { width: 80, color: false, absolute: false, now: new Date("2026-11-30T10:30:00Z") };

describe("table", () => {
  test("has no borders, and its columns are aligned", () => {
    expect(
      table(
        VIEW,
        ["ID", right("JOBS"), "STATE"],
        [
          ["a", 5_431, "queued"],
          ["bb", 7, null],
        ],
      ),
    ).toBe(["ID   JOBS  STATE", "a   5,431  queued", "bb      7  -"].join("\n"));
  });

  test("the columns that may be cut shrink until a row fits; ids and states do not", () => {
    const drawn = table(
      VIEW,
      ["ID", cut("QUEUE"), cut("ERROR")],
      [["…470f31", "q".repeat(30), "e".repeat(300)]],
    );

    const [, row = ""] = drawn.split("\n");
    expect(row).toHaveLength(80);
    expect(row).toMatch(/^…470f31 {2}q{30} {2}e+…$/);
  });

  test("each row fits, also with wide characters, many columns and a narrow terminal", () => {
    const row = ["日本語".repeat(20), "🙂".repeat(40), "x".repeat(90), "…470f31", "running"];
    for (const width of [20, 40, 80, 120]) {
      const drawn = table({ ...VIEW, width }, [cut("A"), cut("B"), cut("C"), "ID", "STATE"], [row, row]);

      for (const line of drawn.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(width);
    }
  });

  test("many rows have one head, and the same columns", () => {
    const rows = Array.from({ length: 120 }, (_, at) => [at, "x".repeat(at % 7)]);

    const lines = table(VIEW, [right("N"), "TEXT"], rows).split("\n");

    expect(lines).toHaveLength(121);
    expect(lines[120]).toBe("119");
    expect(lines.filter((line) => line.includes("TEXT"))).toHaveLength(1);
  });

  test("a cell is one line, whatever it holds", () => {
    expect(table(VIEW, ["ERROR"], [["a\nforged  row\u001b[1A"]]).split("\n")).toEqual([
      "ERROR",
      "a\\nforged  row\\u001b[1A",
    ]);
  });

  test("instants are relative, or absolute when the view wants that", () => {
    const at = new Date("2026-11-30T10:27:10Z");

    expect(table(VIEW, ["AT"], [[at]])).toBe("AT\n3 min ago");
    expect(table({ ...VIEW, absolute: true }, ["AT"], [[at]])).toBe("AT\n2026-11-30T10:27:10Z");
  });

  test("colours are only there when the view has colours, and change no width", () => {
    const rows = [[{ value: "failed", paint: "bad" } as const, "x".repeat(100)]];

    const plain = table(VIEW, ["STATE", cut("TEXT")], rows);
    const painted = table({ ...VIEW, color: true }, ["STATE", cut("TEXT")], rows);

    expect(plain).not.toContain("\u001b");
    expect(painted).toContain("\u001b[31mfailed\u001b[39m");
    expect(stripVTControlCharacters(painted)).toBe(plain);
  });
});

describe("fields", () => {
  test("values stand in one column, are escaped, and are not cut", () => {
    const long = "k".repeat(255);

    expect(
      fields(VIEW, [
        ["Id", "x\u0007"],
        ["Longer", long],
        ["At", new Date("2026-11-30T12:30:00Z")],
        ["None", null],
      ]),
    ).toBe(`Id      x\\u0007\nLonger  ${long}\nAt      2026-11-30T12:30:00Z (in 2 h)\nNone    -`);
  });
});

test("a block is indented under its heading", () => {
  expect(block("Payload", "{\n}")).toBe("Payload\n  {\n  }");
});

test("an instant that a Date cannot hold is not a crash", () => {
  expect(instantText(new Date("-infinity"))).toBe("out of range");
  expect(table(VIEW, ["AT"], [[new Date("-infinity")]])).toBe("AT\nout of range");
});
