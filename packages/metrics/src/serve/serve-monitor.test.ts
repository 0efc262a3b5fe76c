import { expect, test } from "vitest";
import { createMonitor } from "./create-monitor.ts";
import { serveMonitor } from "./serve-monitor.ts";

const monitor = createMonitor({
  health: { live: () => ({ ok: true, checks: [] }), ready: async () => ({ ok: false, checks: [] }) },
});

test("answers over HTTP until it is closed", async () => {
  const { port, close } = await serveMonitor(monitor, { port: 0 });
  const ask = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });

  const live = await ask("/healthz?probe");
  expect(live.status).toBe(200);
  expect(await live.json()).toEqual({ ok: true, checks: [] });
  expect((await ask("/readyz")).status).toBe(503);
  expect(await (await ask("/healthz", "HEAD")).text()).toBe("");

  await close();
  await expect(ask("/healthz")).rejects.toThrow();
});

test("a taken port is told", async () => {
  const { port, close } = await serveMonitor(monitor, { port: 0 });

  await expect(serveMonitor(monitor, { port })).rejects.toMatchObject({
    code: "CANNOT_LISTEN",
    message: expect.stringContaining(`port ${port} of 127.0.0.1 is taken`),
  });
  await close();
});
