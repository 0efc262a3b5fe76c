import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../usage-error.ts";
import { importsTypeScript } from "./imports-typescript.ts";
import { type PackageManager, packageManagerOf } from "./package-manager.ts";

/** What `millrace init` needs to know of a project. */
export interface Project {
  /** The absolute path of the folder that has the `package.json`. */
  readonly folder: string;
  readonly manager: PackageManager;
  /** Whether the folder is the root of a pnpm workspace: pnpm then adds a dependency only with `--workspace-root`. */
  readonly isWorkspaceRoot: boolean;
  readonly typescript: boolean;
  /** Whether the project uses drizzle-orm. */
  readonly drizzle: boolean;
  /** The extension of a new ES module, such as `ts`, or `mts` where a `.ts` file would be CommonJS. */
  readonly extension: "ts" | "mts" | "js" | "mjs";
  /** The extension by which new modules import each other: `ts` only if the project imports `.ts` files by name. */
  readonly importExtension: "ts" | "mts" | "js" | "mjs";
  /** The names of all dependencies that the project has. */
  readonly dependencies: ReadonlySet<string>;
}

interface Manifest {
  type?: string;
  packageManager?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** Looks at the project of a folder, and changes nothing. Throws `UsageError` if the folder has no `package.json`. */
export function readProject(folder: string): Project {
  const at = resolve(folder);
  const manifest = readManifest(at);
  const dependencies = new Set(
    Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies }),
  );
  const tsconfig = join(at, "tsconfig.json");
  const typescript = dependencies.has("typescript") || existsSync(tsconfig);
  const script = manifest.type === "module" ? "js" : "mjs";
  const typed = manifest.type === "module" ? "ts" : "mts";
  const folders = [...parentsOf(at)];
  return {
    folder: at,
    manager: packageManagerOf(folders),
    isWorkspaceRoot: isWorkspaceRoot(at),
    typescript,
    drizzle: dependencies.has("drizzle-orm"),
    extension: typescript ? typed : script,
    importExtension: typescript && importsTypeScript(tsconfig) ? typed : script,
    dependencies,
  };
}

function readManifest(folder: string): Manifest {
  const file = join(folder, "package.json");
  if (!existsSync(file)) {
    throw new UsageError(
      `There is no package.json in ${folder}. Make one with \`npm init\`, or name the folder of your project.`,
    );
  }
  try {
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof found === "object" && found !== null) return found;
  } catch (cause) {
    throw new UsageError(`Cannot read ${file} as JSON. Correct the file.`, { cause });
  }
  throw new UsageError(`Cannot use ${file}: expected a JSON object. Correct the file.`);
}

function isWorkspaceRoot(folder: string): boolean {
  const file = join(folder, "pnpm-workspace.yaml");
  return existsSync(file) && /^packages:/m.test(readFileSync(file, "utf8"));
}

/** The folder and all folders above it, the nearest first. */
function* parentsOf(folder: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}
