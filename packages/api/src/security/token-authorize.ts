import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { checkFields, InvalidOptionError } from "@millrace/base";
import { type Access, type Authorize, grantedOf } from "./access.ts";

/** The options of `tokenAuthorize`. */
export interface TokenAuthorizeOptions {
  /** The secret that a sender must know: 16 characters or more, made at random. */
  token: string;
  /** What a sender who knows the token may do. Default `"all"`. */
  access?: Exclude<Access, null>;
}

/** An `authorize` by a token, with which people can also log in. */
export interface TokenAuthorize extends Authorize {
  /** Returns the value of the cookie for a sender who gives this token; null for a wrong token. */
  login(token: string): string | null;
}

/** The name of the cookie of a login. */
export const COOKIE_NAME = "millrace_session";

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
  const cookie = createHmac("sha256", token).update("millrace session 1").digest("base64url");
  const authorize = ({ headers }: Request): Access => {
    const bearer = bearerOf(headers);
    if (bearer !== null) return isSame(bearer, token) ? access : null;
    const sent = cookieOf(headers);
    return sent !== null && isSame(sent, cookie) ? access : null;
  };
  return Object.assign(authorize, { login: (given: string) => (isSame(given, token) ? cookie : null) });
}

/** Compares two texts in a time that tells nothing about how much of them is the same. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(expected));
}

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

function bearerOf(headers: Headers): string | null {
  return /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? null;
}

function cookieOf(headers: Headers): string | null {
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at !== -1 && part.slice(0, at).trim() === COOKIE_NAME) return part.slice(at + 1).trim();
  }
  return null;
}
