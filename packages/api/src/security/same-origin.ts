import { ApiError } from "../problem/api-error.ts";

/** Methods that change nothing. */
const SAFE_METHODS = ["GET", "HEAD"];

/**
 * Refuses a request by which a page of another origin would change something: a browser sends cookies with it. Browsers
 * say in `Sec-Fetch-Site` where a request comes from; old browsers say so in `Origin`. Programs send neither header.
 */
export function refuseOtherOrigins(request: Request): void {
  if (SAFE_METHODS.includes(request.method) || comesFromSameOrigin(request)) return;
  throw new ApiError({
    status: 403,
    code: "CROSS_ORIGIN",
    detail:
      "The request comes from a page of another origin. Only pages of the API's own origin may change anything.",
  });
}

function comesFromSameOrigin({ headers, url }: Request): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  const origin = headers.get("origin");
  return origin === null || origin === new URL(url).origin;
}
