import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RELEASE } from "./release.ts";

test("the release that workers tell is the one of package.json", () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");

  expect(JSON.parse(text)).toMatchObject({ version: RELEASE });
});
