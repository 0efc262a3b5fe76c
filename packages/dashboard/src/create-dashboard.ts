import { fileURLToPath } from "node:url";
import { type ApiOptions, createApi } from "@millrace/api";
import { readBundle } from "./asset/read-bundle.ts";
import { checkBasePath, pathBelow } from "./base-path.ts";
import { checkOrigin } from "./check-origin.ts";
import { mayOpen } from "./page/may-open.ts";
import { plainAnswer } from "./page/plain-answer.ts";
import { createServePage } from "./page/serve-page.ts";
import { seenByBrowser } from "./seen-by-browser.ts";

/** The options of a dashboard: those of the API, which it contains, and the address that browsers see. */
export interface DashboardOptions extends Omit<ApiOptions, "cookiePath"> {
  /** The path that browsers see the dashboard at, such as `/ops/millrace`. Default: the root. */
  basePath?: string;
  /**
   * The origin that browsers see, such as `https://ops.example.com`, where a proxy hides this origin from the server.
   * Default: the origin of each request.
   */
  origin?: string;
}

/** A dashboard: a function from a request to its answer, for whatever server. The function never throws. */
export interface Dashboard {
  (request: Request): Promise<Response>;
  /** Ends the event streams and closes the dashboard's connections to the database. */
  close(): Promise<void>;
}

/** Where the build puts the pages: beside `src` and beside the compiled `index.js` alike. */
const BUNDLE_FOLDER = fileURLToPath(new URL("../dist/web", import.meta.url));

/**
 * Creates a dashboard: its pages at `basePath`, and the API at `/api` below. A request whose path does not begin with
 * `basePath` counts as one from which a proxy has cut off `basePath`.
 *
 * The pages are the same for everybody, and have no data: all data comes from the API, which asks `authorize`. A sender
 * who gets no access from `authorize` gets no page either, unless people log in on the page, as with `tokenAuthorize`.
 *
 * Throws `InvalidOptionError` (`INVALID_OPTION`), and `DashboardNotBuiltError` (`DASHBOARD_NOT_BUILT`) when the
 * dashboard runs from source and its pages have not been built.
 *
 * @example
 * const dashboard = createDashboard({ db: pool, basePath: "/ops", authorize: (request) => accessOf(request) });
 * app.use("/ops", toNodeHandler(dashboard));
 */
export function createDashboard({ origin, ...options }: DashboardOptions): Dashboard {
  const basePath = checkBasePath(options.basePath ?? "");
  if (origin !== undefined) checkOrigin(origin);
  const bundle = readBundle(BUNDLE_FOLDER);
  const api = createApi({ ...options, basePath: `${basePath}/api`, cookiePath: basePath || "/" });
  const servePage = createServePage({ bundle, basePath, mayOpen: (request) => mayOpen(options, request) });
  const answer = async (received: Request): Promise<Response> => {
    if (!URL.canParse(received.url)) return plainAnswer(400, "The request has no valid address.");
    if (received.method === "TRACE") return plainAnswer(405, "No request is sent back.");
    const path = pathBelow(basePath, new URL(received.url).pathname);
    const request = seenByBrowser(received, { path: `${basePath}${path}`, origin });
    return path === "/api" || path.startsWith("/api/") ? api(request) : servePage(request, path);
  };
  return Object.assign(answer, { close: () => api.close() });
}
