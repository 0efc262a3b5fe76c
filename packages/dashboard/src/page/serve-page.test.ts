import { expect, test } from "vitest";
import { createAsset } from "../asset/asset.ts";
import { createServePage } from "./serve-page.ts";

const script = createAsset("assets/main-1a.js", new TextEncoder().encode("start()"));
if (script === null) throw new Error("a script is an asset");

const bundle = {
  manifest: { files: ["assets/main-1a.js"], script: "assets/main-1a.js", imported: [], styles: [] },
  assets: new Map([["assets/main-1a.js", script]]),
};

const serve = (path: string, { method = "GET", mayOpen = true } = {}) =>
  createServePage({ bundle, basePath: "/ops", mayOpen: async () => mayOpen })(
    new Request(`http://localhost/ops${path}`, { method }),
    path,
  );

test.each([
  "/",
  "/jobs",
  "/jobs/0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f",
  "/schedules/a%2Fb.c",
  "/no/such/page",
])("%s is the page", async (path) => {
  const response = await serve(path);

  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.text()).toContain('src="/ops/assets/main-1a.js"');
});

test("a page may load from this server alone, and runs nothing inline", async () => {
  const policy = (await serve("/")).headers.get("content-security-policy") ?? "";

  expect(policy.split("; ")).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]);
});

test("an asset is served by its whole name alone", async () => {
  expect(await (await serve("/assets/main-1a.js")).text()).toBe("start()");
  for (const path of [
    "/assets/",
    "/assets/main.js",
    "/assets/main-1a.js/",
    "/assets/%6dain-1a.js",
    "/assets/../index.html",
    "/assets/..%2f..%2fpackage.json",
    "/assets/constructor",
    "/assets/__proto__",
  ]) {
    const response = await serve(path);
    expect({ path, status: response.status }).toEqual({ path, status: 404 });
  }
});

test.each(["/favicon.ico", "/robots.txt"])("%s is not the page", async (path) => {
  expect((await serve(path)).status).toBe(404);
});

test.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s is refused", async (method) => {
  const response = await serve("/", { method });

  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("GET, HEAD");
});

test("HEAD has the page's headers and no body", async () => {
  const response = await serve("/", { method: "HEAD" });

  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(await response.text()).toBe("");
});

test("who may not open the dashboard gets no page, but the assets, which have no data", async () => {
  const page = await serve("/jobs", { mayOpen: false });

  expect(page.status).toBe(401);
  expect(await page.text()).not.toContain("<script");
  expect((await serve("/assets/main-1a.js", { mayOpen: false })).status).toBe(200);
});
