import { resolve } from "node:path";
import { loadedModules } from "@millrace/testpg";
import { expect, test } from "vitest";

const load = () => loadedModules(["@millrace/queue"], resolve(import.meta.dirname, ".."));

test("loading the queue loads nothing of Drizzle, whose table builders take 100 MB of an idle worker's memory", () => {
  const loaded = load();

  expect(loaded.some((url) => url.endsWith("/packages/queue/src/index.ts"))).toBe(true);
  expect(loaded.filter((url) => url.includes("drizzle-orm"))).toEqual([]);
});

test("loading the queue loads nothing of OpenTelemetry, which need not be installed", () => {
  const loaded = load();

  expect(loaded.some((url) => url.endsWith("/packages/queue/src/enqueue/traced.ts"))).toBe(true);
  expect(loaded.filter((url) => /opentelemetry|\/src\/trace\//.test(url))).toEqual([]);
});
