import { SAFE_HEADERS } from "../page/page-headers.ts";
import { acceptsGzip } from "./accepts-gzip.ts";
import type { Asset } from "./asset.ts";

/** A year: the name of an asset has a hash of its content, so the content of a name never changes. */
const CACHE_CONTROL = "public, max-age=31536000, immutable";

/** Answers a request for an asset: whole or compressed, or 304 when the browser has it. */
export function serveAsset(request: Request, asset: Asset): Response {
  const gzipped = acceptsGzip(request.headers.get("accept-encoding")) ? asset.gzipped : null;
  const { body, etag } = gzipped ?? asset;
  const headers: Record<string, string> = { ...SAFE_HEADERS, "cache-control": CACHE_CONTROL, etag };
  if (asset.gzipped !== null) headers["vary"] = "accept-encoding";
  if (hasAlready(request.headers.get("if-none-match"), etag))
    return new Response(null, { status: 304, headers });
  headers["content-type"] = asset.type;
  headers["content-length"] = String(body.length);
  if (gzipped !== null) headers["content-encoding"] = "gzip";
  return new Response(request.method === "HEAD" ? null : body, { headers });
}

function hasAlready(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  // A proxy that compresses makes an etag weak.
  const known = ifNoneMatch.split(",").map((each) => each.trim().replace(/^W\//, ""));
  return known.includes(etag) || known.includes("*");
}
