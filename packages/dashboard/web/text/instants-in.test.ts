import { expect, test } from "vitest";
import { instantsIn } from "./instants-in.ts";

test("instantsIn tells instants from the text around them, and loses nothing", () => {
  const text = "Paused at 2031-01-05T13:02:33.123Z (12 min ago), until 2031-01-06T00:00Z.";

  const pieces = instantsIn(text);

  expect(pieces.filter(({ kind }) => kind === "instant").map((piece) => piece.text)).toEqual([
    "2031-01-05T13:02:33.123Z",
    "2031-01-06T00:00Z",
  ]);
  expect(pieces.map((piece) => piece.text).join("")).toBe(text);
});

test("instantsIn takes a text without instants as one piece", () => {
  expect(instantsIn("Due on 2031-01-05.")).toEqual([{ kind: "text", text: "Due on 2031-01-05." }]);
});
