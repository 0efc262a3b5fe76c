import { describe, expect, test } from "vitest";
import { tokenAuthorize } from "./token-authorize.ts";

const TOKEN = "correct-horse-battery-staple";
const requestWith = (headers: Record<string, string>) => new Request("https://ops.example.com/", { headers });

describe("tokenAuthorize", () => {
  const authorize = tokenAuthorize({ token: TOKEN, access: { actions: ["jobs.retry"], who: "ada" } });
  const cookie = authorize.login(TOKEN) ?? "";
  const COOKIE_NAME = authorize.cookieName;

  test("lets in who has the token, or the cookie of a login", () => {
    const access = { actions: ["jobs.retry"], who: "ada" };

    expect(authorize(requestWith({ authorization: `Bearer ${TOKEN}` }))).toEqual(access);
    expect(authorize(requestWith({ authorization: `bearer  ${TOKEN}` }))).toEqual(access);
    expect(authorize(requestWith({ cookie: `a=b; ${COOKIE_NAME}=${cookie}; c=d` }))).toEqual(access);
  });

  test("lets in by any of several cookies with the name, as browsers send them for several paths", () => {
    const others = [
      `${COOKIE_NAME}=old; ${COOKIE_NAME}=${cookie}`,
      `${COOKIE_NAME}=${cookie}; ${COOKIE_NAME}=old`,
    ];

    for (const header of others) expect(authorize(requestWith({ cookie: header }))).not.toBeNull();
    expect(authorize(requestWith({ cookie: `${COOKIE_NAME}=old; ${COOKIE_NAME}=older` }))).toBeNull();
  });

  test("names the cookie by the token, so that two dashboards of one host keep their logins", () => {
    const other = tokenAuthorize({ token: "x".repeat(16) });

    expect(other.cookieName).toMatch(/^millrace_session_[\w-]{8}$/);
    expect(other.cookieName).not.toBe(COOKIE_NAME);
    expect(tokenAuthorize({ token: TOKEN }).cookieName).toBe(COOKIE_NAME);
  });

  test.each([
    ["nothing", {}],
    ["another token", { authorization: "Bearer correct-horse-battery-stapler" }],
    ["a part of the token", { authorization: "Bearer correct-horse" }],
    ["the token without its scheme", { authorization: TOKEN }],
    ["another scheme", { authorization: `Basic ${TOKEN}` }],
    ["the token as a cookie", { cookie: `${COOKIE_NAME}=${TOKEN}` }],
    [
      "the cookie of another token",
      { cookie: `${COOKIE_NAME}=${tokenAuthorize({ token: "x".repeat(16) }).login("x".repeat(16))}` },
    ],
    ["the cookie as a token", { authorization: `Bearer ${cookie}` }],
    ["an empty cookie", { cookie: `${COOKIE_NAME}=` }],
    ["the cookie under another name", { cookie: `x${COOKIE_NAME}=${cookie}` }],
  ])("lets nobody in with %s", (_what, headers: Record<string, string>) => {
    expect(authorize(requestWith(headers))).toBeNull();
  });

  test("a wrong bearer is not made good by a cookie", () => {
    const headers = { authorization: "Bearer wrong", cookie: `${COOKIE_NAME}=${cookie}` };

    expect(authorize(requestWith(headers))).toBeNull();
  });

  test("the cookie does not have the token, and a wrong token gets none", () => {
    expect(cookie).toMatch(/^[\w-]{43}$/);
    expect(cookie).not.toContain(TOKEN);
    expect(authorize.login("wrong")).toBeNull();
    expect(authorize.login("")).toBeNull();
  });

  test("a short token is refused, and not shown", () => {
    expect(() => tokenAuthorize({ token: "hunter2" })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.not.stringContaining("hunter2") }),
    );
  });
});
