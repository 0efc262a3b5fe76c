import { describe, expect, test } from "vitest";
import { COOKIE_NAME, tokenAuthorize } from "./token-authorize.ts";

const TOKEN = "correct-horse-battery-staple";
const requestWith = (headers: Record<string, string>) => new Request("https://ops.example.com/", { headers });

describe("tokenAuthorize", () => {
  const authorize = tokenAuthorize({ token: TOKEN, access: { actions: ["jobs.retry"], who: "ada" } });
  const cookie = authorize.login(TOKEN) ?? "";

  test("lets in who has the token, or the cookie of a login", () => {
    const access = { actions: ["jobs.retry"], who: "ada" };

    expect(authorize(requestWith({ authorization: `Bearer ${TOKEN}` }))).toEqual(access);
    expect(authorize(requestWith({ authorization: `bearer  ${TOKEN}` }))).toEqual(access);
    expect(authorize(requestWith({ cookie: `a=b; ${COOKIE_NAME}=${cookie}; c=d` }))).toEqual(access);
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
