import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../folders.ts";

const PACKAGES = ["queue", "scheduler", "schema", "api", "dashboard"];

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
];

/** Returns the package of each name that a public package exports. A name of two packages is that of the first one. */
export function exportedNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>(OTHERS);
  for (const name of PACKAGES) {
    const index = readFileSync(join(REPOSITORY, "packages", name, "src/index.ts"), "utf8");
    for (const [, list = ""] of index.matchAll(/export (?:type )?\{([^}]*)\}/g)) {
      for (const exported of list.split(",").map((each) => each.trim().replace(/^type /, ""))) {
        if (exported !== "" && !names.has(exported)) names.set(exported, `@millrace/${name}`);
      }
    }
  }
  return names;
}
