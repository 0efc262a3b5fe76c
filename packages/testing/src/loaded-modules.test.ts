import { resolve } from "node:path";
import { loadedModules } from "@millrace/testpg";
import { expect, test } from "vitest";

test("without Vitest and a Docker client, whose packages are optional, everything else can be loaded", () => {
  const modules = ["@millrace/testing", "@millrace/testing/node"];
  const loaded = loadedModules(modules, resolve(import.meta.dirname, ".."));

  expect(loaded.some((url) => url.endsWith("/packages/testing/src/index.ts"))).toBe(true);
  expect(loaded.filter((url) => /\/(vitest|@testcontainers)\//.test(url))).toEqual([]);
});
