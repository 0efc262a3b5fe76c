import { z } from "@hono/zod-openapi";
import { ACTIONS, session } from "../contract/session.ts";
import { iso } from "../iso.ts";
import { type ApiParts, define } from "../operation.ts";
import { ApiError } from "../problem/api-error.ts";
import type { Authorize } from "../security/access.ts";
import { createSlowLogins } from "../security/slow-logins.ts";
import type { TokenAuthorize } from "../security/token-authorize.ts";
import { databaseNow } from "../store/database-now.sql.ts";

const loginRequest = z.strictObject({ token: z.string().min(1).max(1_000) }).openapi("Login");

/** Adds the routes about the sender of a request. */
export function addSession(parts: ApiParts): void {
  const { context } = parts;
  define(
    parts,
    {
      route: "GET /session",
      tag: "session",
      summary: "Read what the sender may do",
      description:
        "The sender's name and actions, the release of the API, the database's time, the redacted paths, and whether " +
        "payloads and outputs are shown. Without the right of the database's role to change anything, no actions.",
      answer: session,
    },
    async ({ access }) => {
      const { json, writes } = await context.rights();
      return {
        who: access.who,
        actions: writes ? ACTIONS.filter((action) => access.actions.has(action)) : [],
        showsPayloads: json,
        release: context.release,
        databaseNow: iso(await databaseNow(context.pool)),
        redact: [...context.redact.paths],
      };
    },
  );
  addLogin(parts);
}

function addLogin(parts: ApiParts): void {
  const { clock, cookiePath, authorize } = parts.context;
  const slowLogins = createSlowLogins(clock);
  define(
    parts,
    {
      route: "POST /session/login",
      tag: "session",
      summary: "Log in with a token",
      description:
        "Sets a cookie that stands for the token. Only for an API that lets senders in by `tokenAuthorize`.",
      body: loginRequest,
      answer: null,
    },
    async ({ body: { token }, request }) => {
      if (!hasLogin(authorize)) throw noLogin();
      const value = authorize.login(token);
      const { cookieName } = authorize;
      // Comes before the brake: nobody can keep others out by trying wrong tokens.
      if (value !== null) return withCookie(`${cookieName}=${value}${cookieEnd(cookiePath, request)}`);
      slowLogins.refuseIfMany();
      await slowLogins.waitAfterFailure();
      throw new ApiError({ status: 401, code: "UNAUTHORIZED", detail: "The token is wrong." });
    },
  );
  define(
    parts,
    {
      route: "DELETE /session",
      tag: "session",
      summary: "Log out",
      description: "Removes the cookie of a login from the browser. A new token ends all logins.",
      answer: null,
    },
    async ({ request }) => {
      if (!hasLogin(authorize)) return undefined;
      return withCookie(`${authorize.cookieName}=; Max-Age=0${cookieEnd(cookiePath, request)}`);
    },
  );
}

const withCookie = (cookie: string) => new Response(null, { status: 204, headers: { "set-cookie": cookie } });

/** The attributes of the cookie. A proxy that ends TLS says so in a header; of several proxies, the first one does. */
function cookieEnd(path: string, { url, headers }: Request): string {
  const isSecure = url.startsWith("https:") || /^https\s*(,|$)/i.test(headers.get("x-forwarded-proto") ?? "");
  return `; Path=${path}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
}

function hasLogin(authorize: Authorize): authorize is TokenAuthorize {
  return "login" in authorize && typeof authorize.login === "function" && "cookieName" in authorize;
}

function noLogin(): ApiError {
  const detail =
    "This API has no login by a token: the server that it is mounted in says who sends a request.";
  return new ApiError({ status: 404, code: "NO_LOGIN", detail });
}
