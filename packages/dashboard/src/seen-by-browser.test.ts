import { expect, test } from "vitest";
import { seenByBrowser } from "./seen-by-browser.ts";

test("a request that came with the browser's address stays as it is", () => {
  const request = new Request("http://localhost:3939/ops/jobs?state=failed");

  expect(seenByBrowser(request, { path: "/ops/jobs", origin: undefined })).toBe(request);
});

test("a request gets the path and the origin that a proxy took, and keeps all else", async () => {
  const controller = new AbortController();
  const request = new Request("http://10.0.0.7:3939/api/jobs?state=failed&tag=a%2Fb", {
    method: "POST",
    headers: { "content-type": "application/json", cookie: "a=b" },
    body: '{"n":1}',
    signal: controller.signal,
  });

  const seen = seenByBrowser(request, { path: "/ops/api/jobs", origin: "https://ops.example.com" });

  expect(seen.url).toBe("https://ops.example.com/ops/api/jobs?state=failed&tag=a%2Fb");
  expect(seen.method).toBe("POST");
  expect(seen.headers.get("cookie")).toBe("a=b");
  expect(await seen.text()).toBe('{"n":1}');
  controller.abort();
  expect(seen.signal.aborted).toBe(true);
});
