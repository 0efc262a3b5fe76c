import { expect, test } from "vitest";
import { createMonitor } from "./create-monitor.ts";

const report = (ok: boolean) => ({ ok, checks: [{ name: "database", ok, detail: "said" }] });

const monitor = createMonitor({
  health: { live: () => report(true), ready: async () => report(false) },
  metrics: {
    text: async () => "millrace_slots 4\n",
    contentType: "text/plain; version=0.0.4; charset=utf-8",
  },
});

const ask = (path: string, method = "GET") => monitor.fetch(new Request(`http://worker${path}`, { method }));

test("a healthy process that is not ready answers 200 and 503, with its checks", async () => {
  const live = await ask("/healthz");
  const ready = await ask("/readyz?verbose");

  expect(live.status).toBe(200);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toEqual(report(false));
  expect(ready.headers.get("cache-control")).toBe("no-store");
});

test("metrics have the content type of Prometheus", async () => {
  const answer = await ask("/metrics");

  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await answer.text()).toBe("millrace_slots 4\n");
});

test("HEAD has no body, other methods are refused, and other paths are not found", async () => {
  expect(await (await ask("/healthz", "HEAD")).text()).toBe("");
  expect((await ask("/metrics", "POST")).status).toBe(405);
  const other = await ask("/");
  expect(other.status).toBe(404);
  expect(await other.text()).toContain("/readyz");
});

test("a failure is an answer", async () => {
  const failing = createMonitor({
    metrics: { text: () => Promise.reject(new Error("too large")), contentType: "text/plain" },
  });

  expect(await failing.answer("GET", "/metrics")).toMatchObject({
    status: 500,
    body: expect.stringContaining("too large"),
  });
  expect((await failing.answer("GET", "/readyz")).status).toBe(404);
});
