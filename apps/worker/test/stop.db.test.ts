import { useTestDatabase } from "@millrace/testpg/vitest";
import { expect, test } from "vitest";
import type { AppEvent } from "../src/app-event.ts";
import { loadConfig } from "../src/config/config.ts";
import { startWorker } from "../src/start-worker.ts";

const database = useTestDatabase();

test("a worker that is told to stop claims nothing more while its scheduler still stops", async () => {
  const events: AppEvent[] = [];
  const running = await startWorker({
    config: loadConfig({ env: { DATABASE_URL: database.url }, argv: [], cwd: process.cwd() }),
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
  });

  await running?.stop();

  const stops = events.flatMap((event) => {
    if (event.kind === "scheduler") return event.event.kind === "stopped" ? ["scheduler stopped"] : [];
    return event.kind === "stopping" || event.kind === "stopped" ? [`worker ${event.kind}`] : [];
  });
  expect(stops[0]).toBe("worker stopping");
  expect([...stops].sort()).toEqual(["scheduler stopped", "worker stopped", "worker stopping"]);
});
