import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type Asset, createAsset } from "./asset.ts";
import { serveAsset } from "./serve-asset.ts";

const source = "const a = 1;\n".repeat(100);

function asset(name: string, content = source): Asset {
  const made = createAsset(name, new TextEncoder().encode(content));
  if (made === null) throw new Error(`${name} has a known type`);
  return made;
}

const ask = (made: Asset, headers: Record<string, string> = {}, method = "GET") =>
  serveAsset(new Request("http://localhost/assets/a", { method, headers }), made);

test("an asset is whole, has its type, and is kept for ever", async () => {
  const response = ask(asset("assets/main-B1c2.js"));

  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "content-length": String(source.length),
    vary: "accept-encoding",
  });
  expect(await response.text()).toBe(source);
});

test("a browser that reads gzip gets gzip, with an etag of its own", async () => {
  const whole = ask(asset("a.css"));
  const packed = ask(asset("a.css"), { "accept-encoding": "gzip, br" });

  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(packed.headers.get("etag")).not.toBe(whole.headers.get("etag"));
  const bytes = new Uint8Array(await packed.arrayBuffer());
  expect(Number(packed.headers.get("content-length"))).toBe(bytes.length);
  expect(gunzipSync(bytes).toString()).toBe(source);
});

test("an image is not compressed again", () => {
  const response = ask(asset("a.png"), { "accept-encoding": "gzip" });

  expect(response.headers.get("content-encoding")).toBeNull();
  expect(response.headers.get("vary")).toBeNull();
});

test("a browser that has the asset gets 304 without a body", async () => {
  const etag = ask(asset("a.js")).headers.get("etag") ?? "";

  for (const known of [etag, `"other", W/${etag}`, "*"]) {
    const response = ask(asset("a.js"), { "if-none-match": known });
    expect(response.status).toBe(304);
    expect(await response.text()).toBe("");
  }
  expect(ask(asset("a.js", "changed"), { "if-none-match": etag }).status).toBe(200);
});

test("HEAD has the headers of GET and no body", async () => {
  const response = ask(asset("a.js"), {}, "HEAD");

  expect(response.headers.get("content-length")).toBe(String(source.length));
  expect(await response.text()).toBe("");
});

test("a file of an unknown type is no asset", () => {
  expect(createAsset("assets/main.js.map", new Uint8Array())).toBeNull();
  expect(createAsset("assets/.env", new Uint8Array())).toBeNull();
});
