import { resolve } from "node:path";
import { loadedModules } from "@millrace/testpg";
import { expect, test } from "vitest";

test("a worker that sends no request and serves no metrics loads neither of their packages, which take 40 MB", () => {
  const loaded = loadedModules(["./src/run-worker.ts"], resolve(import.meta.dirname, ".."));

  expect(loaded.some((url) => url.endsWith("/src/tasks/http-request.ts"))).toBe(true);
  expect(loaded.filter((url) => /\/(undici|prom-client)\//.test(url))).toEqual([]);
});
