import { readFileSync } from "node:fs";
import { publicEntryPoints } from "../public-packages.ts";

/** Names of other packages that blocks use without an import. */
const OTHERS: readonly (readonly [string, string])[] = [
  ["pg", "pg"],
  ["Pool", "pg"],
  ["z", "zod"],
  ["eq", "drizzle-orm"],
  ["sql", "drizzle-orm"],
  ["drizzle", "drizzle-orm/node-postgres"],
  ["defineConfig", "drizzle-kit"],
  ["AsyncLocalStorage", "node:async_hooks"],
  ["test", "vitest"],
  ["expect", "vitest"],
];

/**
 * Returns what to import for each name that a public package exports. If two packages export a name, the first package
 * gets the name.
 */
export function exportedNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>(OTHERS);
  for (const { specifier, file } of publicEntryPoints()) {
    for (const [, list = ""] of readFileSync(file, "utf8").matchAll(/export (?:type )?\{([^}]*)\}/g)) {
      for (const exported of list.split(",").map((each) => each.trim().replace(/^type /, ""))) {
        if (exported !== "" && !names.has(exported)) names.set(exported, specifier);
      }
    }
  }
  return names;
}
