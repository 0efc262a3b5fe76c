import type { z } from "@hono/zod-openapi";
import type { ApiContext } from "../api-context.ts";
import { ApiError } from "../problem/api-error.ts";
import { type Authorize, type Granted, grantedOf, NO_ACTIONS } from "./access.ts";
import { AuthorizeFailedError } from "./authorize-failed-error.ts";
import { parsed } from "./parsed.ts";
import { PERMISSIONS, type RouteName } from "./permissions.ts";
import { queryOf } from "./query-of.ts";
import { BODY_BYTES_MAX, readBody } from "./read-body.ts";
import { refuseOtherOrigins } from "./same-origin.ts";

/** The route of an operation, and the schemas of what its requests carry. */
export interface Asked<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType> {
  route: RouteName;
  params?: Params;
  query?: Query;
  /** The schema of the JSON body. Without it, a body is ignored. */
  body?: Body;
  /** How many bytes the body may have. Default 256 KiB. */
  bodyBytesMax?: number;
}

/** What the handler of an operation gets. */
export interface Call<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  params: z.output<Params>;
  query: z.output<Query>;
  body: z.output<Body>;
  /** What the sender may do. Without any action for a route that is `public` or `watch`. */
  access: Granted;
  request: Request;
}

/**
 * Lets a request in, in this order: where it comes from, what its sender may do, its path and query, and then its body.
 * The body of a sender without the permission is never read. Throws `ApiError`.
 */
export async function admit<Params extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodType>(
  context: ApiContext,
  asked: Asked<Params, Query, Body>,
  { request, params }: { request: Request; params: Record<string, string> },
): Promise<Call<Params, Query, Body>> {
  refuseOtherOrigins(request);
  const access = await permitted(context, request, asked.route);
  const call = {
    params: asked.params === undefined ? {} : parsed(asked.params, params),
    query: queryOf(asked.query, request.url),
    body:
      asked.body === undefined
        ? undefined
        : parsed(asked.body, await readBody(request, asked.bodyBytesMax ?? BODY_BYTES_MAX)),
    access,
    request,
  };
  // The cast is safe: each part was parsed by its schema, and a part without a schema is not used.
  return call as Call<Params, Query, Body>;
}

async function permitted(context: ApiContext, request: Request, route: RouteName): Promise<Granted> {
  const permission = PERMISSIONS[route];
  if (permission === "public" || permission === "watch") return NO_ACTIONS;
  const access = await requireAccess(context, request);
  if (permission === "read") return access;
  if (permission === "undo") {
    if (access.actions.size === 0) throw forbidden("one of the actions that commands can be undone by");
    return access;
  }
  if (!access.actions.has(permission)) throw forbidden(permission);
  return access;
}

/**
 * Returns what the sender of a request may do. Throws `ApiError` if that is nothing, and `AuthorizeFailedError` if
 * `authorize` fails.
 */
export async function requireAccess({ authorize }: ApiContext, request: Request): Promise<Granted> {
  const access = await checkedAccess(authorize, request);
  if (access !== null) return access;
  throw new ApiError({
    status: 401,
    code: "UNAUTHORIZED",
    detail:
      "`authorize` of this API does not know the sender of the request. Sign in, or send a valid token.",
    headers: { "www-authenticate": 'Bearer realm="millrace"' },
  });
}

async function checkedAccess(authorize: Authorize, request: Request): Promise<Granted | null> {
  try {
    return grantedOf(await authorize(request));
  } catch (cause) {
    throw new AuthorizeFailedError(cause);
  }
}

/** The refusal of a sender who lacks an action. */
export function forbidden(action: string): ApiError {
  return new ApiError({
    status: 403,
    code: "FORBIDDEN",
    detail: `The sender of the request may not do this. Needed: ${action}.`,
  });
}
