import { describe, expect, test } from "vitest";
import { createClient } from "../src/client/create-client.ts";
import { useApi } from "./use-api.ts";

const ops = useApi({ authorize: () => ({ actions: ["queues.pause", "queues.change"], who: "eva" }) });

const client = () =>
  createClient({ base: "https://ops.example.com", fetch: (url, init) => ops.api(new Request(url, init)) });

const rowOf = async (name: string) =>
  (await client().queues.list()).queues.find(({ queue }) => queue === name);

const noCounts = { completed: 0, failed: 0, canceled: 0, retried: 0, crashed: 0, refused: 0 };

describe("a queue", () => {
  test("is listed with its jobs, its settings, its last hour and its workers", async () => {
    const { pool, queue } = ops;
    for (let n = 0; n < 3; n += 1) await queue.enqueue("t", {}, { queue: "mail" });
    await queue.enqueue("t", {}, { queue: "mail", delayMs: 3_600_000 });
    await queue.runs.claim({ workerId: "w", types: ["t"], queues: ["mail"], limit: 1, leaseSeconds: 60 });
    await queue.setQueue("mail", { timeoutMs: 60_000 });
    await pool.query(
      `INSERT INTO millrace.queue_minutes (minute, queue, completed, failed, crashed)
       VALUES (date_trunc('minute', now()), 'mail', 5, 2, 1),
              (date_trunc('minute', now()) - interval '2 hours', 'mail', 100, 100, 100),
              (date_trunc('minute', now()), 'done', 7, 0, 0)`,
    );
    await pool.query(
      `INSERT INTO millrace.workers (worker_id, queues, types)
       VALUES ('w1', '{mail,idle}', '{t}'), ('w2', '{mail}', '{t}')`,
    );

    expect(await rowOf("mail")).toEqual({
      queue: "mail",
      queued: { count: 3, capped: false },
      due: { count: 2, capped: false },
      running: 1,
      oldestDueMs: expect.any(Number),
      pausedAt: null,
      settings: { timeoutMs: 60_000 },
      lastHour: { ...noCounts, completed: 5, failed: 2, crashed: 1 },
      workers: 2,
    });
    expect(await rowOf("done")).toMatchObject({ lastHour: { ...noCounts, completed: 7 }, workers: 0 });
    expect(await rowOf("idle")).toMatchObject({ queued: { count: 0, capped: false }, workers: 1 });
  });

  test.each(["a/b", "a%2Fb", "__proto__", "'; DROP TABLE millrace.job_queues; --", "<b>", "ü 🙂"])(
    "named %j is paused, resumed and set, and each change is recorded",
    async (name) => {
      const { queues } = client();

      await queues.pause(name);
      await queues.pause(name);
      expect(await rowOf(name)).toMatchObject({ queue: name, pausedAt: expect.any(String) });
      await queues.resume(name);
      expect((await rowOf(name))?.pausedAt ?? null).toBeNull();
      await queues.set(name, { retentionMs: 1_000, backoff: { baseMs: 5 } });
      expect(await rowOf(name)).toMatchObject({ settings: { retentionMs: 1_000, backoff: { baseMs: 5 } } });
      await queues.set(name, null);
      expect(await ops.queue.queueSettings(name)).toBeNull();

      const entries = (await ops.queue.audit()).filter(({ filter }) =>
        JSON.stringify(filter).includes(JSON.stringify(name)),
      );
      expect(entries.map(({ action }) => action).reverse()).toEqual([
        "pause",
        "resume",
        "setQueue",
        "setQueue",
      ]);
      for (const entry of entries) expect(entry).toMatchObject({ who: "eva", via: "millrace api" });
    },
  );

  test.each([
    ["PUT", "/queues/q/settings", { settings: { timeoutMs: 0 } }, "INVALID_REQUEST", "settings.timeoutMs"],
    ["PUT", "/queues/q/settings", { settings: { unknown: 1 } }, "INVALID_REQUEST", "settings.unknown"],
    ["PUT", "/queues/q/settings", { settings: { backoff: { unknown: 1 } } }, "INVALID_OPTION", undefined],
    ["PUT", "/queues/q/settings", {}, "INVALID_REQUEST", "settings"],
    ["PUT", `/queues/${"x".repeat(101)}/settings`, { settings: null }, "INVALID_OPTION", "name"],
    ["POST", "/queues/a%00b/pause", undefined, "INVALID_OPTION", "name"],
    ["POST", `/queues/${"x".repeat(101)}/resume`, undefined, "INVALID_OPTION", "name"],
  ])("%s %s with %j is refused", async (method, path, body, code, field) => {
    const answer = await ops.send(method, path, body ?? {});

    expect([answer.status, answer.body.code]).toEqual([400, code]);
    if (field !== undefined) expect(answer.body.field).toBe(field);
    expect(await ops.queue.audit({ limit: 1 })).not.toMatchObject([{ filter: { name: "q" } }]);
  });
});
