import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Catalog } from "./catalog-shape.ts";

/** The file of the expectation. `pnpm db:catalog` writes the file after a migration has changed. */
export const CATALOG_FILE = fileURLToPath(new URL("../../catalog.json", import.meta.url));

/**
 * Reads what this release's migrations make in an empty database. A test compares the file with a migrated database.
 */
export function expectedCatalog(): Catalog {
  // The boundary: the file is a part of this package.
  return JSON.parse(readFileSync(CATALOG_FILE, "utf8")) as Catalog;
}

/** Formats a catalog as the text of the file. */
export function catalogText(catalog: Catalog): string {
  return `${JSON.stringify(catalog, null, 2)}\n`;
}
