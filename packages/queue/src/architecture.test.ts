import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { TRANSITIONS } from "./job/transitions.ts";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(resolve(root, "docs/architecture.md"), "utf8");

/** A file with its folder, as in `claim/claim-loop.ts`. */
const NAMED_FILE = /`((?:[a-z-]+\/)+[a-z-]+(?:\.sql)?\.ts)`/g;

/** Where a page's paths may begin. */
const PLACES = [
  ...["queue", "scheduler", "base", "metrics", "api", "dashboard"].map((name) => `packages/${name}/src`),
  ".",
];

const missing = (paths: readonly string[]) =>
  paths.filter((path) => !PLACES.some((place) => existsSync(resolve(root, place, path))));

test("every file of a job's way that docs/architecture.md names is there", () => {
  const named = [...page.matchAll(NAMED_FILE)].map(([, path = ""]) => path);

  expect(named.length).toBeGreaterThan(30);
  expect(missing(named)).toEqual([]);
});

test("every room of the queue is on a job's way", () => {
  const rooms = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

  expect(rooms.filter((room) => !page.includes(`\`${room}/`))).toEqual([]);
});

test("every file that a decision names is there", () => {
  const folder = resolve(root, "docs/decisions");
  const texts = readdirSync(folder).map((name) => readFileSync(resolve(folder, name), "utf8"));
  const named = texts.flatMap((text) => [...text.matchAll(NAMED_FILE)].map(([, path = ""]) => path));

  expect(named.length).toBeGreaterThan(3);
  expect(missing(named)).toEqual([]);
});

test("the page's table of transitions is that of the code", () => {
  const rows = Object.entries(TRANSITIONS).map(
    ([name, { from, to, guard }]) => `| ${name} | ${from.join(", ")} | ${to} | ${guard} |`,
  );

  expect(rows.filter((row) => !page.includes(row))).toEqual([]);
});
