/**
 * Returns a request with the address that the browser sees: proxies and routers cut off a path's beginning, and hide
 * the origin. Returns the request itself when the request has this address already.
 */
export function seenByBrowser(
  request: Request,
  { path, origin }: { path: string; origin: string | undefined },
): Request {
  const url = new URL(request.url);
  const seen = new URL(`${origin ?? url.origin}${path}${url.search}`);
  if (seen.href === url.href) return request;
  const { method, headers, body, signal } = request;
  return new Request(seen, { method, headers, signal, ...(body === null ? {} : { body, duplex: "half" }) });
}
