import { heldClock, waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { tokenAuthorize } from "../src/security/token-authorize.ts";
import { requestOf, useApi } from "./use-api.ts";

const fixture = useApi();
const { open, send } = fixture;

describe("a login by a token", () => {
  const TOKEN = "correct-horse-battery-staple";
  const clock = heldClock((ms) => ms === 500);
  const withLogin = (more = {}) =>
    open({ authorize: tokenAuthorize({ token: TOKEN, access: "read" }), clock, ...more });

  test("sets a cookie for the API's path alone, which lets in until the logout", async () => {
    const api = withLogin({ basePath: "/ops/api" });
    const login = await send("POST", "/ops/api/session/login", { token: TOKEN }, { to: api });
    const set = login.headers.get("set-cookie") ?? "";
    const [cookie = ""] = set.split(";");

    expect(login.status).toBe(204);
    expect(set).toMatch(
      /^millrace_session_[\w-]{8}=[\w-]{43}; Path=\/ops\/api; HttpOnly; SameSite=Strict; Secure$/,
    );
    expect((await send("GET", "/ops/api/session", undefined, { to: api, headers: { cookie } })).status).toBe(
      200,
    );
    expect((await send("GET", "/ops/api/session", undefined, { to: api })).status).toBe(401);
    const logout = await send("DELETE", "/ops/api/session", undefined, { to: api, headers: { cookie } });
    expect(logout.headers.get("set-cookie")).toBe(
      `${cookie.split("=")[0]}=; Max-Age=0; Path=/ops/api; HttpOnly; SameSite=Strict; Secure`,
    );
  });

  test("sets a cookie that is not only for TLS, where there is no TLS", async () => {
    const request = requestOf("POST", "/session/login", { token: TOKEN });
    const response = await withLogin()(new Request("http://localhost/session/login", request));

    expect(response.headers.get("set-cookie")).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  test.each([
    ["https", true],
    ["https, http", true],
    ["HTTPS,http", true],
    ["http, https", false],
    ["httpsx", false],
  ])("behind proxies that say %j sets a cookie for TLS alone: %j", async (proto, isSecure) => {
    const headers = { "x-forwarded-proto": proto, "content-type": "application/json" };
    const body = JSON.stringify({ token: TOKEN });
    const request = new Request("http://localhost/session/login", { method: "POST", headers, body });

    const response = await withLogin()(request);

    expect(response.headers.get("set-cookie")?.endsWith("; Secure")).toBe(isSecure);
  });

  test("with a wrong token is answered late, and so slowed; too many at once are refused", async () => {
    const api = withLogin();
    const login = (token: string) => send("POST", "/session/login", { token }, { to: api });
    const wrong = Array.from({ length: 20 }, (_, number) => login(`wrong-${number}`));
    let answered = 0;
    for (const each of wrong) void each.then(() => (answered += 1));
    // The 20 wait once another one is refused.
    await waitFor(async () => (await login("wrong-20")).status === 429, {
      description: "a login to be refused",
    });
    expect(answered).toBe(0);
    // Whoever tries tokens keeps nobody out who knows the token.
    expect((await login(TOKEN)).status).toBe(204);

    expect(clock.pass(500)).toBe(20);

    for (const each of await Promise.all(wrong)) {
      expect(each).toMatchObject({
        status: 401,
        body: { code: "UNAUTHORIZED", detail: "The token is wrong." },
      });
    }
    expect((await login(TOKEN)).status).toBe(204);
  });

  test("is not there where another authorize decides", async () => {
    const { status, body } = await send("POST", "/session/login", { token: TOKEN });

    expect({ status, code: body.code }).toEqual({ status: 404, code: "NO_LOGIN" });
  });
});
