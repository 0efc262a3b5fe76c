import { posix } from "node:path";

/** Where a link of a Markdown file leads. */
export type LinkTarget =
  | { kind: "external" }
  /** A page of the site, or a heading of it. `address` has `.md`. */
  | { kind: "page"; source: string; address: string; hash: string }
  /** A file or folder of the repository that is no page. */
  | { kind: "file"; path: string };

/**
 * Resolves a link as a code host does: from the folder of the file that has the link. So one link works on the code
 * host and on the site.
 *
 * @param source the file that has the link, from the repository's folder
 * @param href the link as written
 * @param addresses the address of each page on the site, by its source
 */
export function resolveLink(
  source: string,
  href: string,
  addresses: ReadonlyMap<string, string>,
): LinkTarget {
  if (/^([a-z][a-z+.-]*:|\/\/)/i.test(href)) return { kind: "external" };
  const at = href.indexOf("#");
  const hash = at < 0 ? "" : decodeURIComponent(href.slice(at + 1));
  const path = decodeURIComponent(at < 0 ? href : href.slice(0, at));
  const target =
    path === "" ? source : posix.normalize(posix.join(posix.dirname(source), path)).replace(/\/$/, "");
  for (const candidate of [target, `${target}/README.md`, `${target}/index.md`]) {
    const address = addresses.get(candidate);
    if (address !== undefined) return { kind: "page", source: candidate, address, hash };
  }
  return { kind: "file", path: target };
}
