import { expect, test } from "vitest";
import { LabelLimit } from "./label-limit.ts";

test("the first hundred values keep their names, and all others share one", () => {
  const limit = new LabelLimit();
  const values = Array.from({ length: 150 }, (_, at) => `q${at}`);

  const labels = values.map((value) => limit.of(value));

  expect(labels.slice(0, 100)).toEqual(values.slice(0, 100));
  expect(new Set(labels.slice(100))).toEqual(new Set(["other"]));
  expect(limit.of("q7")).toBe("q7");
});
