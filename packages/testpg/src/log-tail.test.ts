import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { logTail } from "./log-tail.ts";

it("lines split over chunks arrive whole, and the last one needs no line break", async () => {
  const lines: string[] = [];
  const tail = logTail((line) => lines.push(line));
  const stream = new PassThrough();
  tail.follow(stream);

  stream.write("one\ntw");
  stream.write("o\r\n\n");
  stream.end("three");
  await once(stream, "close");

  expect(lines).toEqual(["one", "two", "three"]);
  expect(tail.text()).toBe("one\ntwo\nthree");
});

it("only the last 40 lines are kept", async () => {
  const tail = logTail(undefined);
  const stream = new PassThrough();
  tail.follow(stream);

  stream.end(Array.from({ length: 100 }, (_, index) => `line ${index}`).join("\n"));
  await once(stream, "close");

  expect(tail.text().split("\n")).toHaveLength(40);
  expect(tail.text().endsWith("line 99")).toBe(true);
});
