import { posix } from "node:path";
import type { PackedPackage } from "../packed-package.ts";

/** The target of a link or image in Markdown. */
const LINK = /\]\(\s*<?([^)\s>]+)/g;

/** Finds links of the README to files that the package does not have: they lead nowhere once it is installed. */
export function linkProblems({ paths, text }: PackedPackage): string[] {
  if (!paths.has("README.md")) return [];
  return [...text("README.md").matchAll(LINK)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target) && !isIn(paths, target.replace(/#.*$/, "")))
    .map((target) => `README.md links to ${target}, which is not in the package; name it without a link`);
}

function isIn(paths: ReadonlySet<string>, target: string): boolean {
  const path = posix.normalize(target).replace(/\/$/, "");
  return paths.has(path) || [...paths].some((other) => other.startsWith(`${path}/`));
}
