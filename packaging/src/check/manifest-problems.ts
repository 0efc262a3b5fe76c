import type { Manifest, PackedPackage } from "../packed-package.ts";

/** The condition that finds the source in the workspace. A released package has no source. */
const SOURCE_CONDITION = "@millrace/source";

const FILES = ["LICENSE", "README.md"];

/** What a released package must say of itself, and the files that it must have. */
export function manifestProblems({ manifest, paths }: PackedPackage, inWorkspace: Manifest): string[] {
  const problems = FILES.filter((file) => !paths.has(file)).map((file) => `there is no ${file}`);
  for (const [field, value] of Object.entries({
    description: manifest.description,
    license: manifest.license,
    keywords: manifest.keywords?.[0],
    "engines.node": manifest.engines?.node,
  })) {
    if (value === undefined) problems.push(`package.json has no ${field}`);
  }
  return [
    ...problems,
    ...entryProblems(manifest.exports ?? {}, inWorkspace.exports ?? {}),
    ...rangeProblems(manifest),
  ];
}

/** The released entries must be those of the workspace, without the source. */
function entryProblems(released: Record<string, unknown>, inWorkspace: Record<string, unknown>): string[] {
  const problems: string[] = [];
  if (!("./package.json" in released)) problems.push("exports lacks ./package.json");
  for (const [entry, target] of Object.entries(inWorkspace)) {
    const wanted = JSON.stringify(withoutSource(target));
    const found = JSON.stringify(released[entry]);
    if (found !== wanted)
      problems.push(`publishConfig.exports has ${found} for ${entry}, exports has ${wanted}`);
  }
  for (const entry of Object.keys(released)) {
    if (!(entry in inWorkspace)) problems.push(`publishConfig.exports has ${entry}, exports has not`);
  }
  return problems;
}

function withoutSource(target: unknown): unknown {
  if (typeof target !== "object" || target === null) return target;
  return Object.fromEntries(Object.entries(target).filter(([condition]) => condition !== SOURCE_CONDITION));
}

/** A range of the workspace means nothing outside of it. */
function rangeProblems({ dependencies = {}, peerDependencies = {} }: Manifest): string[] {
  return Object.entries({ ...dependencies, ...peerDependencies })
    .filter(([, range]) => /^(?:workspace|catalog|link|file):/.test(range))
    .map(([name, range]) => `the range of ${name} is ${range}`);
}
