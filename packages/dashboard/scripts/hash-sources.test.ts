import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hashSources } from "./hash-sources.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "millrace-sources-"));
  mkdirSync(join(root, "web/page"), { recursive: true });
  writeFileSync(join(root, "web/page/a.tsx"), "a");
  writeFileSync(join(root, "package.json"), "{}");
  writeFileSync(join(root, "other.ts"), "other");
});
afterEach(() => rmSync(root, { recursive: true }));

const hash = () => hashSources(root, ["web", "package.json"]);

test.each([
  ["a changed file", () => writeFileSync(join(root, "web/page/a.tsx"), "b")],
  ["a new file", () => writeFileSync(join(root, "web/b.css"), "")],
  ["a file with another name", () => renameSync(join(root, "web/page/a.tsx"), join(root, "web/page/b.tsx"))],
])("%s gives another hash", (_case, change) => {
  const before = hash();

  change();

  expect(hash()).not.toBe(before);
});

test.each([
  ["another time of a file", () => utimesSync(join(root, "web/page/a.tsx"), 0, 0)],
  ["a test", () => writeFileSync(join(root, "web/page/a.test.tsx"), "test()")],
  ["a file that is no source", () => writeFileSync(join(root, "other.ts"), "changed")],
])("%s gives the same hash", (_case, change) => {
  const before = hash();

  change();

  expect(hash()).toBe(before);
});
