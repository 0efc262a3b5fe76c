import type { PackedPackage } from "../packed-package.ts";

/** What code or types import: `from "x"`, `import "x"`, `import("x")`. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["']([^"'\n]+)["']/g;

/** Packages whose types stand in a package of their own. */
const TYPES_OF: Readonly<Record<string, string>> = { pg: "@types/pg" };

/**
 * Finds imports of packages that are neither dependencies nor peers. A package manager that keeps packages apart, as
 * pnpm does, would not find them.
 */
export function importProblems({ manifest, paths, text }: PackedPackage): string[] {
  const known = { ...manifest.dependencies, ...manifest.peerDependencies, [manifest.name]: "itself" };
  const problems = new Set<string>();
  for (const path of paths) {
    const isTypes = path.endsWith(".d.ts");
    if (!isTypes && !/^dist\/(?!web\/).*\.js$/.test(path)) continue;
    for (const name of packagesIn(text(path))) {
      if (!(name in known)) problems.add(`${path} imports ${name}, which package.json does not name`);
      const types = isTypes ? TYPES_OF[name] : undefined;
      if (types !== undefined && !(types in known)) problems.add(`${path} needs ${types} as a peer`);
    }
  }
  return [...problems];
}

/** The names of the packages that a file imports, without those of Node. */
function packagesIn(text: string): Set<string> {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const names = [...code.matchAll(IMPORT)]
    .map(([, from = ""]) => from)
    .filter((from) => /^[a-z@]/i.test(from) && !from.startsWith("node:"))
    .map((from) => from.split("/", from.startsWith("@") ? 2 : 1).join("/"));
  return new Set(names);
}
