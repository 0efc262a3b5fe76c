import { createQueue, type EnqueueOptions } from "@millrace/queue";
import { migrateRoles } from "@millrace/schema/migrations";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, expect, test } from "vitest";
import { allBlocks } from "../src/block/write-programs.ts";

const database = useTestDatabase();
const grants = allBlocks().filter(
  ({ source, language }) => source === "docs/guides/grants.md" && language === "sql",
);

/** What the page says that a role of an API may do. */
const enqueues: readonly (readonly [string, EnqueueOptions])[] = [
  ["without options", {}],
  ["with a key", { idempotencyKey: "k" }],
  ["debounced", { debounce: { key: "d", delayMs: 1_000 } }],
  ["throttled", { throttle: { key: "t", periodMs: 1_000 } }],
  ["with latest", { latest: { key: "l" } }],
];

beforeAll(async () => {
  await migrateRoles(database.pool());
});

test.each(enqueues)("with the rights of the page, an API enqueues twice %s", async (_how, options) => {
  const client = await database.pool({ max: 1 }).connect();
  try {
    await client.query("BEGIN");
    for (const { code } of grants) await client.query(code);
    const queue = createQueue(client);
    if (options.latest !== undefined) {
      // The job that has the key runs, so that the next enqueue makes a follower.
      await queue.enqueue("send-receipt", {}, { ...options, tx: client });
      await queue.runs.claim({ queues: ["default"], workerId: "w", limit: 1, leaseSeconds: 60 });
    }
    await client.query("SET LOCAL ROLE shop_web");
    await queue.enqueue("send-receipt", { body: "x".repeat(3_000) }, { ...options, tx: client });
    await expect(queue.enqueue("send-receipt", {}, { ...options, tx: client })).resolves.toHaveProperty("id");
    await expect(queue.enqueueMany([{ type: "a" }, { type: "b" }], { tx: client })).resolves.toHaveLength(2);
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
});
