import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const page = readFileSync(resolve(root, "docs/architecture.md"), "utf8");

test("every file of a job's way that docs/architecture.md names is there", () => {
  const named = [...page.matchAll(/`((?:[a-z-]+\/)+[a-z-]+(?:\.sql)?\.ts)`/g)].map(([, path = ""]) => path);
  const places = ["packages/queue/src", "packages/scheduler/src", "."];

  const missing = named.filter((path) => !places.some((place) => existsSync(resolve(root, place, path))));

  expect(named.length).toBeGreaterThan(30);
  expect(missing).toEqual([]);
});

test("every room of the queue is on a job's way", () => {
  const rooms = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

  expect(rooms.filter((room) => !page.includes(`\`${room}/`))).toEqual([]);
});
