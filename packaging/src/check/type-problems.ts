import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { filterProblems } from "@arethetypeswrong/core/problems";
import type { PackedPackage } from "../packed-package.ts";

/** How the types of a package of ES modules are found: by `nodenext` in a module, and by `bundler`. */
const RESOLUTIONS = ["node16-esm", "bundler"] as const;

/** Asks "Are the types wrong?" of every entry that has types. */
export async function typeProblems({ tarball, manifest }: PackedPackage): Promise<string[]> {
  const entrypoints = Object.keys(manifest.exports ?? {}).filter((entry) => !entry.endsWith(".json"));
  if (entrypoints.length === 0) return [];
  const analysis = await checkPackage(createPackageFromTarballData(tarball), { entrypoints });
  if (analysis.types === false) return ["the package has no types"];
  const found = RESOLUTIONS.flatMap((resolutionKind) => filterProblems(analysis, { resolutionKind }));
  return [...new Set(found.map((problem) => `the types are wrong: ${JSON.stringify(problem)}`))];
}
