import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { unpack } from "@publint/pack";

const run = promisify(execFile);

/** The parts of a `package.json` that the checks read. */
export interface Manifest {
  name: string;
  description?: string;
  license?: string;
  keywords?: string[];
  type?: string;
  engines?: { node?: string };
  exports?: Record<string, unknown>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** A package as it is published. */
export interface PackedPackage {
  readonly tarball: Uint8Array;
  readonly manifest: Manifest;
  /** The paths in the package, such as `dist/index.js`. */
  readonly paths: ReadonlySet<string>;
  /** Returns the text of a file. Throws if the package does not have the file. */
  text(path: string): string;
}

/** The command that runs pnpm: the pnpm that runs this script, else the one that npx fetches. */
export function pnpmCommand(env: NodeJS.ProcessEnv = process.env): [string, ...string[]] {
  const path = env["npm_execpath"];
  if (path === undefined || !/pnpm[^/\\]*$/.test(path)) return ["npx", "--yes", "pnpm@12"];
  return /\.[cm]?js$/.test(path) ? [process.execPath, path] : [path];
}

/** Packs the package of a folder, which must be built, into `file`. */
export async function packInto(folder: string, file: string): Promise<void> {
  const [command, ...args] = pnpmCommand();
  await run(command, [...args, "pack", "--out", file], { cwd: folder });
}

/** Packs the package of a folder, which must be built, and reads what is in the tarball. */
export async function packPackage(folder: string): Promise<PackedPackage> {
  const place = await mkdtemp(join(tmpdir(), "millrace-pack-"));
  try {
    const file = join(place, "package.tgz");
    await packInto(folder, file);
    return await readPackage(await readFile(file));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Reads what is in a tarball. */
export async function readPackage(tarball: Uint8Array): Promise<PackedPackage> {
  const { files, rootDir } = await unpack(tarball);
  const contents = new Map(files.map(({ name, data }) => [name.slice(rootDir.length + 1), data]));
  const text = (path: string): string => {
    const data = contents.get(path);
    if (data === undefined) throw new RangeError(`The package has no file ${path}.`);
    return new TextDecoder().decode(data);
  };
  const manifest: Manifest = JSON.parse(text("package.json"));
  return { tarball, manifest, paths: new Set(contents.keys()), text };
}
