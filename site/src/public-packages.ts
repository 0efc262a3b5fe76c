import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { REPOSITORY } from "./folders.ts";

/** Packages that other packages of Millrace need, and people do not import. */
const NOT_PUBLIC = ["base", "testpg"];

/** Paths of packages that only other packages of Millrace import, and paths that no program imports. */
const NOT_PUBLIC_PATHS = [
  "./package.json",
  "./values",
  "./catalog",
  "./migrations",
  "./renewal-thread",
  "./testing",
];

/** The packages of which others have exports of the same name, the most used first. */
const FIRST = ["queue", "scheduler", "schema", "api", "dashboard"];

/** What people import, and the file that it is. */
export interface EntryPoint {
  /** For instance `@millrace/api/client`. */
  specifier: string;
  /** The source file, absolute. */
  file: string;
}

/** Returns everything that people import from Millrace's packages. A new package is found by itself. */
export function publicEntryPoints(): EntryPoint[] {
  const names = globSync("*/package.json", { cwd: join(REPOSITORY, "packages") })
    .map((path) => dirname(path))
    .filter((name) => !NOT_PUBLIC.includes(name) && !FIRST.includes(name))
    .sort();
  return [...FIRST, ...names].flatMap(entryPointsOf);
}

/** The files of a package that its `exports` name. */
function entryPointsOf(name: string): EntryPoint[] {
  const folder = join(REPOSITORY, "packages", name);
  const { exports }: { exports: Record<string, string | Record<string, string>> } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  return Object.entries(exports).flatMap(([path, targets]) => {
    const file = typeof targets === "string" ? undefined : targets["@millrace/source"];
    if (file === undefined || NOT_PUBLIC_PATHS.includes(path)) return [];
    return [{ specifier: `@millrace/${name}${path.slice(1)}`, file: join(folder, file) }];
  });
}
