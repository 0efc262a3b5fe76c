/** What a path says of a page: its named parts, decoded. */
export type PathParams = Readonly<Record<string, string>>;

/**
 * Matches a path with a pattern such as `/jobs/:id`. Returns the named parts, or null if the path is another. Each part
 * is percent-decoded, so names with slashes are found again.
 */
export function matchPath(pattern: string, path: string): PathParams | null {
  const wanted = partsOf(pattern);
  const found = partsOf(path);
  if (wanted.length !== found.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = decoded(found[index] ?? "");
    if (text === null) return null;
    if (part.startsWith(":")) params[part.slice(1)] = text;
    else if (part !== text) return null;
  }
  return params;
}

const partsOf = (path: string) => path.split("/").filter((part) => part !== "");

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    // A malformed escape, such as `%zz`, names no page.
    return null;
  }
}

/** The path below the base path; null for a path outside of it. The base path has no slash at its end. */
export function pathBelow(base: string, path: string): string | null {
  if (base === "") return path === "" ? "/" : path;
  if (path === base) return "/";
  return path.startsWith(`${base}/`) ? path.slice(base.length) : null;
}
