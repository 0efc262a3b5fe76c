import { init, parse } from "es-module-lexer";
import type { PackedPackage } from "../packed-package.ts";

/** What types import: `from "x"`, `import "x"`, `import("x")`. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["']([^"'\n]+)["']/g;

/** Packages whose types stand in a package of their own. */
const TYPES_OF: Readonly<Record<string, string>> = { pg: "@types/pg" };

/**
 * Finds imports of packages that are neither dependencies nor peers. A package manager that keeps packages apart, as
 * pnpm does, would not find them.
 */
export async function importProblems({ manifest, paths, text }: PackedPackage): Promise<string[]> {
  await init;
  const known = { ...manifest.dependencies, ...manifest.peerDependencies, [manifest.name]: "itself" };
  const problems = new Set<string>();
  for (const path of paths) {
    const isTypes = path.endsWith(".d.ts");
    if (!isTypes && !/^dist\/(?!web\/).*\.js$/.test(path)) continue;
    for (const name of packagesIn(isTypes ? importsOfTypes(text(path)) : importsOfCode(text(path)))) {
      if (!(name in known)) problems.add(`${path} imports ${name}, which package.json does not name`);
      const types = isTypes ? TYPES_OF[name] : undefined;
      if (types !== undefined && !(types in known)) problems.add(`${path} needs ${types} as a peer`);
    }
  }
  return [...problems];
}

function importsOfTypes(text: string): string[] {
  const types = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  return [...types.matchAll(IMPORT)].map(([, from = ""]) => from);
}

/** A parser, because a program may have the text of another program in its strings. */
function importsOfCode(text: string): string[] {
  return parse(text)[0].flatMap(({ specifier }) => specifier ?? []);
}

/** The names of the packages among what a file imports, without those of Node. */
function packagesIn(imports: readonly string[]): Set<string> {
  const names = imports
    .filter((from) => /^[a-z@]/i.test(from) && !from.startsWith("node:"))
    .map((from) => from.split("/", from.startsWith("@") ? 2 : 1).join("/"));
  return new Set(names);
}
