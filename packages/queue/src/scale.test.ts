import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const SCALE = readFileSync(join(ROOT, "docs/scale.md"), "utf8");

interface Catalog {
  tables: Record<string, { indexes: Record<string, string> }>;
}

/** The names of the indexes that have a condition. */
function partialIndexes(): string[] {
  const text = readFileSync(join(ROOT, "packages/schema/catalog.json"), "utf8");
  const { tables } = JSON.parse(text) as Catalog;
  return Object.values(tables).flatMap(({ indexes }) =>
    Object.entries(indexes).flatMap(([name, definition]) => (/ WHERE /.test(definition) ? [name] : [])),
  );
}

const needs = [
  /\bROW_ADDRESS\b|\bctid\b/,
  /\bpg_notify\b|\bNOTIFIED\b|`LISTEN /,
  /\bxmin::text\b|\bentry\.xmin\b/,
  new RegExp(`\\b(?:${partialIndexes().join("|")})\\b`),
];

/** The files with statements that need what some databases lack. */
async function needyFiles(): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob("{packages,apps}/*/src/**/*.ts", { cwd: ROOT })) {
    if (!/\.sql\.ts$|\/store\/|\/postgres\//.test(path) || path.endsWith(".test.ts")) continue;
    const text = readFileSync(join(ROOT, path), "utf8");
    if (needs.some((need) => need.test(text))) found.push(path);
  }
  return found;
}

test("docs/scale.md has a row for each statement that not every database can run", async () => {
  const files = await needyFiles();

  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((path) => !SCALE.includes(basename(path)))).toEqual([]);
});

test("the statements that docs/scale.md names exist", async () => {
  const table = SCALE.slice(SCALE.indexOf("### What each statement needs"));
  const named = [...table.matchAll(/`(?:[\w-]+\/)*([\w-]+(?:\.sql)?\.ts)`/g)].map(([, name]) => name);
  const existing = new Set<string>();
  for await (const path of glob("{packages,apps}/*/src/**/*.ts", { cwd: ROOT })) existing.add(basename(path));

  expect(named.filter((name) => name === undefined || !existing.has(name))).toEqual([]);
});
