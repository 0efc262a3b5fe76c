import { expect, test } from "vitest";
import { redact } from "./redact.ts";

test.each([
  ["unknown command 'postgres://u:secret@h/db'", "unknown command 'postgres://***@h/db'"],
  ["postgres://u:se@cr/et@h/db", "postgres://***@h/db"],
  ["postgres://h/db?user=u&password=secret&x=1", "postgres://h/db?user=u&password=***&x=1"],
])("%s is shown as %s", (text, expected) => {
  expect(redact(text)).toBe(expected);
});

test("an address without credentials is left as it is", () => {
  expect(redact("postgres://h:5432/db and a@b.c")).toBe("postgres://h:5432/db and a@b.c");
});
