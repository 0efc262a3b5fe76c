import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The program that installs a project's dependencies. */
export type PackageManager = "npm" | "pnpm" | "yarn" | "bun";

/** The files by which a package manager is recognised. */
const FILES: readonly (readonly [string, PackageManager])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["pnpm-workspace.yaml", "pnpm"],
  ["package-lock.json", "npm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
];

/**
 * Returns the package manager of a project: what the nearest `packageManager` field or lockfile says, also of a
 * workspace above, else npm.
 *
 * @param folders the project's folder and the folders above it, the nearest first
 */
export function packageManagerOf(folders: readonly string[]): PackageManager {
  for (const folder of folders) {
    const found = declaredIn(folder) ?? FILES.find(([file]) => existsSync(join(folder, file)))?.[1];
    if (found !== undefined) return found;
  }
  return "npm";
}

function declaredIn(folder: string): PackageManager | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  const declared = /"packageManager"\s*:\s*"(npm|pnpm|yarn|bun)@/.exec(readFileSync(file, "utf8"));
  return declared?.[1] as PackageManager | undefined;
}

/** Returns the command that adds dependencies to a project. */
export function addCommand(
  manager: PackageManager,
  names: readonly string[],
  { dev, workspaceRoot, builds }: { dev: boolean; workspaceRoot: boolean; builds: readonly string[] },
): string[] {
  const command = [manager, manager === "npm" ? "install" : "add"];
  if (dev) command.push(manager === "bun" ? "--dev" : "-D");
  if (manager === "pnpm") {
    if (workspaceRoot) command.push("--workspace-root");
    // pnpm fails when a package has a build script that nobody has allowed or refused.
    for (const name of builds) command.push(`--allow-build=${name}`);
  }
  return [...command, ...names];
}

/** Returns the command that runs an installed program. */
export function execCommand(manager: PackageManager, command: string): string {
  const by = { npm: "npx", pnpm: "pnpm exec", yarn: "yarn", bun: "bunx" };
  return `${by[manager]} ${command}`;
}
