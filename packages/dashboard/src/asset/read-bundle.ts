import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DashboardNotBuiltError } from "../not-built-error.ts";
import { type Asset, createAsset } from "./asset.ts";
import { type Manifest, readManifest } from "./read-manifest.ts";

/** The built pages, in memory. */
export interface Bundle {
  readonly manifest: Manifest;
  /** Every file that a page may load, by its path such as `assets/main-B1c2.js`. */
  readonly assets: ReadonlyMap<string, Asset>;
}

/**
 * Reads a bundle into memory. Only the files that the build's manifest names become assets, so that no request can name
 * another file of the disk. Throws `DashboardNotBuiltError`.
 */
export function readBundle(folder: string): Bundle {
  const path = join(folder, ".vite/manifest.json");
  if (!existsSync(path)) throw new DashboardNotBuiltError(folder);
  try {
    const manifest = readManifest(JSON.parse(readFileSync(path, "utf8")));
    const assets = new Map<string, Asset>();
    for (const name of manifest.files) {
      const asset = createAsset(name, readFileSync(join(folder, name)));
      if (asset !== null) assets.set(name, asset);
    }
    return { manifest, assets };
  } catch (cause) {
    // A build was interrupted, or is running.
    throw new DashboardNotBuiltError(folder, { cause });
  }
}
