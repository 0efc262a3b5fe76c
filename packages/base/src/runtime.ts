import { readFileSync } from "node:fs";

// The check of the Node version. Programs load this file before all others, which an old Node could not load.

/** The oldest Node that Millrace's libraries run on. Their `engines` say the same, and a test compares them. */
export const NODE_LEAST = "20.19.0";

/**
 * Returns what to tell a person whose Node is too old, or null if the Node is new enough.
 *
 * @param needs the oldest version, such as `20.19.0`, or the `engines.node` of a package: `>=20.19.0`
 * @param found the version of this process, such as `20.18.1`
 */
export function nodeProblem(
  who: string,
  needs: string,
  found: string = process.versions.node,
): string | null {
  const least = needs.replace(/^>=/, "");
  if (!isBefore(numbersOf(found), numbersOf(least))) return null;
  return `${who} needs Node ${least} or newer; this is Node ${found}. Install a newer Node, and start again.`;
}

/** Reads the `engines.node` of a `package.json`. Throws if the file has none. */
export function neededNode(manifest: URL): string {
  const { engines }: { engines?: { node?: string } } = JSON.parse(readFileSync(manifest, "utf8"));
  if (engines?.node === undefined) throw new TypeError(`${manifest.pathname} has no engines.node.`);
  return engines.node;
}

/** The first three numbers of a version. */
function numbersOf(version: string): number[] {
  return version.split(".", 3).map((part) => Number.parseInt(part, 10));
}

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  const at = version.findIndex((part, index) => part !== other[index]);
  return at !== -1 && (version[at] ?? 0) < (other[at] ?? 0);
}
