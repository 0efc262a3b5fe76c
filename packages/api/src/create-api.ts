import { OpenAPIHono } from "@hono/zod-openapi";
import { type ApiContext, openContext } from "./api-context.ts";
import { type ApiOptions, checkApiOptions } from "./api-options.ts";
import type { ApiParts } from "./operation.ts";
import { pathBelow } from "./path-below.ts";
import { ApiError, type Refusal } from "./problem/api-error.ts";
import { problemResponse } from "./problem/problem-response.ts";
import { refusalOf } from "./problem/refusal-of.ts";
import { reportError } from "./report-error.ts";
import { addRoutes } from "./routes/add-routes.ts";
import { requireAccess } from "./security/admit.ts";
import { withAnswerHeaders } from "./security/answer-headers.ts";
import { invalidRequest } from "./security/parsed.ts";
import { refuseOtherOrigins } from "./security/same-origin.ts";

/** An API: a function from a request to its answer. The function never throws. */
export interface Api {
  (request: Request): Promise<Response>;
  /** Ends the event streams and closes the API's connections. Later requests are answered with 503. */
  close(): Promise<void>;
}

/** The longest address of a request, in characters. */
const URL_LENGTH_MAX = 16_384;

/**
 * Creates Millrace's HTTP API: a Fetch handler, to be mounted in any server. Sends nothing to the database until a
 * request comes. Throws `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const api = createApi({
 *   db: process.env.DATABASE_URL,
 *   basePath: "/ops/api",
 *   authorize: tokenAuthorize({ token: process.env.OPS_TOKEN }),
 *   redact: ["card.number", "**.password"],
 * });
 * const response = await api(new Request("https://ops.example.com/ops/api/jobs?state=failed"));
 */
export function createApi(options: ApiOptions): Api {
  checkApiOptions(options);
  const closing = new AbortController();
  const context = openContext(options, closing.signal);
  const app = createApp(context);
  const answer = async (request: Request): Promise<Response> => {
    try {
      refuseOutside(context, request);
      return withAnswerHeaders(await app.fetch(request));
    } catch (error) {
      return withAnswerHeaders(problemResponse(refusalFor(error, context)));
    }
  };
  return Object.assign(answer, {
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      await context.pool.end();
    },
  });
}

function createApp(context: ApiContext): OpenAPIHono {
  const getPath = (request: Request) => pathBelow(context.basePath, request) ?? "";
  const app = new OpenAPIHono({ getPath });
  const parts: ApiParts = { app, context };
  addRoutes(parts);
  app.onError((error) => problemResponse(refusalFor(error, context)));
  app.notFound(async ({ req: { raw, path } }) => {
    refuseOtherOrigins(raw);
    await requireAccess(context, raw);
    return problemResponse(noRoute(app, raw.method, path));
  });
  return app;
}

const CLOSED: Refusal = { status: 503, code: "API_CLOSED", detail: "The API has been closed." };

function refuseOutside({ basePath, closing }: ApiContext, request: Request): void {
  if (closing.aborted) {
    throw new ApiError(CLOSED);
  }
  if (request.url.length > URL_LENGTH_MAX) {
    const detail = `The address has more than ${URL_LENGTH_MAX} characters. Name fewer ids or tags.`;
    throw new ApiError({ status: 414, code: "URL_TOO_LONG", detail });
  }
  // A server may make a request of whatever its client sent, such as of the host 127.0.0.256.
  if (!URL.canParse(request.url)) throw invalidRequest("", "it has no valid address");
  if (pathBelow(basePath, request) !== null) return;
  throw new ApiError({
    status: 404,
    code: "NOT_FOUND",
    detail: `The API is mounted at ${basePath}, and the request's path is outside.`,
  });
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** The refusal of a path that no route has, or of a method that the path's routes do not have. */
function noRoute(app: OpenAPIHono, method: string, path: string): Refusal {
  const allowed = METHODS.filter((each) => app.router.match(each, path)[0].length > 0);
  if (allowed.length === 0) {
    return { status: 404, code: "NOT_FOUND", detail: "The API has no such path. See /openapi.json." };
  }
  return {
    status: 405,
    code: "METHOD_NOT_ALLOWED",
    detail: `The path takes ${allowed.join(", ")}, and not ${method.slice(0, 20)}.`,
    headers: { allow: allowed.join(", ") },
  };
}

/** Returns the answer to an error. Reports an unexpected error, and sends only the id of the report. */
function refusalFor(error: unknown, { options, closing }: ApiContext): Refusal {
  const refusal = refusalOf(error);
  if (refusal !== null) return refusal;
  // The API was closed while this request was under way.
  if (closing.aborted) return CLOSED;
  const requestId = reportError(options, error);
  return {
    status: 500,
    code: "INTERNAL",
    detail: `The API failed, and has reported why. The report has the id ${requestId}.`,
  };
}
