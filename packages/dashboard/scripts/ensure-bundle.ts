import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { hashSources } from "./hash-sources.ts";

const PACKAGE = resolve(import.meta.dirname, "..");
const BUNDLE = join(PACKAGE, "dist/web");

/** The file in the bundle that says from which sources it was built. */
const MARK = "sources.sha256";

/**
 * Builds the pages into `dist/web`, unless they are built from the same sources. Compares hashes, because a checkout
 * and a cache change the times of files.
 */
export async function ensureBundle({ onBuild }: { onBuild?: () => void } = {}): Promise<void> {
  const sources = hashSources(PACKAGE, SOURCES);
  const mark = join(BUNDLE, MARK);
  if (existsSync(mark) && readFileSync(mark, "utf8") === sources) return;
  onBuild?.();
  // Vite takes long to load, and most starts do not need Vite.
  const { build } = await import("vite");
  const draft = `${BUNDLE}-${process.pid}`;
  const configFile = join(PACKAGE, "vite.config.ts");
  await build({ configFile, logLevel: "warn", build: { outDir: draft } });
  writeFileSync(join(draft, MARK), sources);
  replace(BUNDLE, draft);
}

/** What the pages are made of, besides packages of other people, whose versions stand in package.json. */
const SOURCES = ["web", "package.json", "vite.config.ts", "../api/src/client.ts", "../api/src/client"];

/** Puts a whole folder in the place of another, so that nobody reads a folder that is half written. */
function replace(folder: string, draft: string): void {
  const old = `${draft}-old`;
  mkdirSync(folder, { recursive: true });
  renameSync(folder, old);
  renameSync(draft, folder);
  rmSync(old, { recursive: true });
}
