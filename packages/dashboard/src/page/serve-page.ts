import type { Bundle } from "../asset/read-bundle.ts";
import { serveAsset } from "../asset/serve-asset.ts";
import { PAGE_HEADERS } from "./page-headers.ts";
import { plainAnswer } from "./plain-answer.ts";
import { renderPage } from "./render-page.ts";

/** Paths that browsers request of every site. A page would be the wrong answer. */
const NO_PAGES: ReadonlySet<string> = new Set(["/favicon.ico", "/robots.txt", "/apple-touch-icon.png"]);

/** Answers a request for a page or an asset. `path` is the path below the base path. */
export type ServePage = (request: Request, path: string) => Promise<Response>;

/**
 * Serves the pages of a bundle. Every path that is no asset has the same HTML: the script in the HTML shows the page of
 * the path. The HTML and the assets have no data. `mayOpen` says who gets the HTML; everybody gets the assets.
 */
export function createServePage({
  bundle,
  basePath,
  mayOpen,
}: {
  bundle: Bundle;
  basePath: string;
  mayOpen: (request: Request) => Promise<boolean>;
}): ServePage {
  const html = renderPage(bundle.manifest, basePath);
  return async (request, path) => {
    const { method } = request;
    if (method !== "GET" && method !== "HEAD")
      return plainAnswer(405, "Only GET and HEAD.", { allow: "GET, HEAD" });
    if (path.startsWith("/assets/")) {
      const asset = bundle.assets.get(path.slice(1));
      return asset === undefined ? plainAnswer(404, "There is no such asset.") : serveAsset(request, asset);
    }
    if (NO_PAGES.has(path)) return plainAnswer(404, "There is no such file.");
    if (!(await mayOpen(request))) return plainAnswer(401, NOT_ALLOWED);
    return new Response(method === "HEAD" ? null : html, { headers: PAGE_HEADERS });
  };
}

const NOT_ALLOWED =
  "You may not open this dashboard. Sign in where this server's users sign in, then open it again.";
