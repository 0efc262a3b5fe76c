import { readFileSync } from "node:fs";

/** Returns the release of this package: the version in its package.json. */
export function release(): string {
  const content: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return typeof content === "object" && content !== null && "version" in content
    ? String(content.version)
    : "unknown";
}
