import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type * as queueModule from "../../src/index.ts";

const database = useTestDatabase();

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllEnvs());

/** Loads the queue anew, because the SQL is built when its modules load. */
async function loadQueue(rowAddress: "ctid" | "id"): Promise<typeof queueModule> {
  vi.stubEnv("MILLRACE_ROW_ADDRESS", rowAddress);
  return await import("../../src/index.ts");
}

/** A pool that keeps the text of each statement. */
function listening(): { pool: pg.Pool; statements: string[] } {
  const statements: string[] = [];
  const pool = database.pool();
  pool.on("connect", (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const [statement] = args;
      statements.push(typeof statement === "string" ? statement : (statement as { text: string }).text);
      return query(...args);
    }) as typeof client.query;
  });
  return { pool, statements };
}

/** Gives the commands that address locked rows. Returns how each job ended, and what undo restored. */
async function live({ createQueue }: typeof queueModule, pool: pg.Pool) {
  const queue = createQueue(pool, { audit: { who: "ada", via: "test" } });
  const command = async () => (await queue.audit({ limit: 1 }))[0]?.commandId ?? "none";
  const claim = () => queue.runs.claim({ queues: ["default"], workerId: "w", limit: 10, leaseSeconds: 60 });

  await queue.enqueue("first", 1);
  await queue.enqueue("first", 2);
  await queue.runs.complete(await claim());
  const later = await queue.enqueue("later", 1, { delayMs: 3_600_000 });
  await queue.change(later.id, { priority: 5 });
  await queue.runNowMany({ type: "later" });
  const undone = [(await queue.undo(await command())).restored];
  await queue.cancelMany({ type: "later" });
  undone.push((await queue.undo(await command())).restored);
  await queue.retryMany({ type: "first", state: "completed" });
  undone.push((await queue.undo(await command())).restored);
  await queue.retryMany({ type: "first", state: "completed" });
  await queue.runs.fail((await claim()).map((run) => ({ ...run, error: "it broke", retryInMs: null })));
  const deleted = await queue.deleteMany({ type: "later" });
  const states = (await queue.list({ type: "first" })).map(({ state }) => state);
  return { undone, deleted, states };
}

test.each([{ rowAddress: "ctid" }, { rowAddress: "id" }] as const)(
  "jobs are claimed, changed and restored by their $rowAddress",
  async ({ rowAddress }) => {
    const { pool, statements } = listening();
    await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.audit_log`);

    const seen = await live(await loadQueue(rowAddress), pool);

    expect(seen).toMatchObject({ undone: [1, 1, 2], states: ["failed", "failed"] });
    expect(statements.some((text) => /\bctid\b/.test(text))).toBe(rowAddress === "ctid");
  },
);
