import { createQueue, type Queue } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type { Pool } from "pg";
import type { Page } from "playwright-core";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { pageProblems } from "./check-page.ts";
import { describeInBrowser, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();
let pool: Pool;
let queue: Queue;
let jobIds: string[];

/** When a living worker was seen. No beat follows in these tests, so the last one is ahead of the clock. */
const ALIVE = "now() + interval '1 hour'";

beforeAll(() => {
  pool = database.pool({ max: 2 });
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.workers`);
  await addWorker("living", { concurrency: 10, seen: ALIVE, counts: { completed: 1_234, refused: 3 } });
  await addWorker("gone", { concurrency: 2, seen: "now() - interval '5 minutes'", counts: {} });
  await addWorker("resting", { concurrency: 4, seen: ALIVE, counts: {}, paused: "now()" });
  jobIds = await run("living", 7);
  await run("gone", 1);
});

interface Told {
  concurrency: number;
  /** SQL for an instant. */
  seen: string;
  paused?: string;
  counts: Readonly<Record<string, number>>;
}

/** Writes what a worker tells of itself. */
async function addWorker(id: string, { concurrency, seen, paused = "NULL", counts }: Told): Promise<void> {
  await pool.query(
    `INSERT INTO millrace.workers (worker_id, queues, types, release, concurrency, counts, seen_at, paused_at)
     VALUES ($1, '{mail}', '{send}', '1.2.3', $2, $3, ${seen}, ${paused})`,
    [id, concurrency, JSON.stringify(counts)],
  );
}

/** Lets a worker claim jobs. */
async function run(workerId: string, count: number): Promise<string[]> {
  for (let n = 0; n < count; n++) await queue.enqueue("send", { n }, { queue: "mail" });
  const runs = await queue.runs.claim({ queues: ["mail"], workerId, limit: count, leaseSeconds: 3_600 });
  return runs.map(({ id }) => id);
}

const card = (page: Page, id: string) => page.getByRole("article", { name: `Worker ${id}` });

describeInBrowser("a worker", () => {
  test("shows what it runs and how it has done, the living before the dead", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/workers`);
    const living = card(page, "living");
    await living.getByText("7 of 10 slots").waitFor();

    expect(await living.getByText("1.2.3").count()).toBe(1);
    expect(await living.getByText(/1,234 completed/).count()).toBe(1);
    expect(await living.locator("[data-bad] dd").allTextContents()).toEqual(["3"]);
    expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual([
      "living",
      "resting",
      "gone",
    ]);
    expect(await living.getByRole("row").count()).toBe(6);
    await living.getByRole("button", { name: "2 more" }).click();
    expect(await living.getByRole("row").count()).toBe(8);
    expect(await pageProblems(page)).toEqual([]);

    await living.locator(`a[href="/jobs/${jobIds[0]}"]`).click();
    await page.getByRole("heading", { name: "send" }).waitFor();
  });

  test("says why it is gone, and what becomes of its jobs", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/workers?id=gone`, { width: 360 });

    await card(page, "gone")
      .getByText(/Not seen for 30 s or longer: last 5 min ago\. The job that it holds/)
      .waitFor();
    expect(await page.getByRole("article").count()).toBe(1);
    await page.getByRole("link", { name: "Show all workers" }).click();
    await card(page, "resting").getByText("paused").waitFor();
  });

  test("is followed without a reload", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/workers?id=resting`);
    await card(page, "resting").getByText("paused").waitFor();

    await pool.query("UPDATE millrace.workers SET paused_at = NULL WHERE worker_id = 'resting'");

    await card(page, "resting").getByText("waiting").waitFor();
  });
});
