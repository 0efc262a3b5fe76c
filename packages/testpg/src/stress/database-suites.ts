import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { StressUsageError } from "./stress-options.ts";

/** A package with tests that need a database. */
export interface DatabaseSuite {
  /** The package's name without its scope. */
  readonly name: string;
  readonly folder: string;
}

/**
 * Returns the workspace's database suites; with `names`, only the named ones. Throws `StressUsageError` for a name
 * without a suite.
 */
export async function databaseSuites(root: string, names: readonly string[]): Promise<DatabaseSuite[]> {
  const suites: DatabaseSuite[] = [];
  for await (const path of glob("{packages,apps}/*/package.json", { cwd: root })) {
    const manifest: Manifest = JSON.parse(readFileSync(resolve(root, path), "utf8"));
    if (manifest.scripts?.["test:db"] === undefined) continue;
    suites.push({ name: manifest.name.replace(/^@[^/]+\//, ""), folder: resolve(root, dirname(path)) });
  }
  suites.sort((a, b) => (a.name < b.name ? -1 : 1));
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    const known = suites.map((suite) => suite.name).join(", ");
    throw new StressUsageError(`--package takes one of ${known}, found ${unknown}`);
  }
  return names.length === 0 ? suites : suites.filter((suite) => names.includes(suite.name));
}

/** The fields of a package.json that `databaseSuites` reads. */
interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
}
