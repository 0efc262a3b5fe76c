import { createHmac } from "node:crypto";
import { checkFields, InvalidOptionError } from "@millrace/base";
import { type Access, type Authorize, grantedOf } from "./access.ts";
import { isSameText } from "./is-same-text.ts";

/** The options of `tokenAuthorize`. */
export interface TokenAuthorizeOptions {
  /** The secret that a sender must know: 16 characters or more, made at random. */
  token: string;
  /** What a sender who knows the token may do. Default `"all"`. */
  access?: Exclude<Access, null>;
}

/** An `authorize` by a token, with which people can also log in. */
export interface TokenAuthorize extends Authorize {
  /**
   * The name of the cookie. Each token has a name of its own: browsers send cookies to every port of a host, and a
   * login at one dashboard must not end the login at another one.
   */
  readonly cookieName: string;
  /** Returns the value of the cookie for a sender who gives this token; null for a wrong token. */
  login(token: string): string | null;
}

const TOKEN_LENGTH_MIN = 16;

/**
 * Lets in whoever knows a token: by the header `Authorization: Bearer`, or by the cookie that a login sets. The cookie
 * does not have the token, but a value that is derived from the token: a new token ends all logins, and every process
 * with the same token knows the cookie. Throws `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const api = createApi({ db, authorize: tokenAuthorize({ token: process.env.OPS_TOKEN, access: "read" }) });
 */
export function tokenAuthorize(options: TokenAuthorizeOptions): TokenAuthorize {
  checkFields("options", options, ["token", "access"]);
  const { token, access = "all" } = options;
  if (typeof token !== "string" || token.length < TOKEN_LENGTH_MIN) {
    // Does not show the value, because it may be a secret.
    const message = `Expected \`token\` to be a random text of at least ${TOKEN_LENGTH_MIN} characters.`;
    throw new InvalidOptionError("token", { message });
  }
  if (grantedOf(access) === null) throw new InvalidOptionError("access", "what the sender may do", access);
  const derived = (use: string) => createHmac("sha256", token).update(use).digest("base64url");
  const cookie = derived("millrace session 1");
  const cookieName = `millrace_session_${derived("millrace cookie name 1").slice(0, 8)}`;
  const authorize = ({ headers }: Request): Access => {
    const bearer = bearerOf(headers);
    if (bearer !== null) return isSameText(bearer, token) ? access : null;
    return cookiesOf(headers, cookieName).some((sent) => isSameText(sent, cookie)) ? access : null;
  };
  const login = (given: string) => (isSameText(given, token) ? cookie : null);
  return Object.assign(authorize, { cookieName, login });
}

function bearerOf(headers: Headers): string | null {
  return /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

/** All cookies with this name: a browser sends one for each path and domain that it was set for, in any order. */
function cookiesOf(headers: Headers, name: string): string[] {
  const parts = (headers.get("cookie") ?? "").split(";").map((part) => part.trim());
  return parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
}
