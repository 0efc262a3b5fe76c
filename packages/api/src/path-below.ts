import { getPath } from "hono/utils/url";

/**
 * Returns the path of a request below the path that the API is mounted at, without a slash at its end. Null for a path
 * outside.
 */
export function pathBelow(basePath: string, request: Request): string | null {
  const path = getPath(request);
  if (path !== basePath && !path.startsWith(`${basePath}/`)) return null;
  const below = path.slice(basePath.length);
  return below.endsWith("/") && below.length > 1 ? below.slice(0, -1) : below || "/";
}
