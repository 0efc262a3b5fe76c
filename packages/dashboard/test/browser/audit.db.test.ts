import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type { Pool } from "pg";
import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { pageProblems } from "./check-page.ts";
import { describeInBrowser, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();
let pool: Pool;
let queue: Queue;

beforeEach(async () => {
  pool ??= database.pool({ max: 2 });
  queue ??= createQueue(pool, { audit: { who: "ada", via: "a <b>test</b>" } });
  // A queue that a test before has paused would make the next pause change nothing.
  await pool.query("TRUNCATE millrace.audit_log, millrace.job_queues");
});

const commands = (page: Page) => page.locator(".audit-row");

/** Cancels jobs in two steps of one command. */
async function cancelInTwoSteps(): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) ids.push((await queue.enqueue("send", { n }, { queue: "news" })).id);
  const filter = { queue: "news", state: "queued" } as const;
  const first = await queue.cancelMany(filter, { limit: 2 });
  if (first.commandId === null) throw new Error("the command was not recorded");
  await queue.cancelMany(filter, { commandId: first.commandId });
  return ids;
}

const states = (ids: readonly string[]) => Promise.all(ids.map(async (id) => (await queue.get(id)).state));

describeInBrowser("the audit log", () => {
  test("shows the steps of a command as one, in words, and undoes them together", async () => {
    const ids = await cancelInTwoSteps();
    expect(await states(ids)).toEqual(["canceled", "canceled", "canceled"]);
    const url = await startDashboard();
    const page = await browser.open(`${url}/audit`);
    const command = commands(page).first();
    await command.getByText("Cancel jobs").waitFor();

    expect(await commands(page).count()).toBe(1);
    expect(await command.getByText("3 in 2 steps").count()).toBe(1);
    expect(await command.getByRole("listitem").allTextContents()).toEqual(["queue news", "state queued"]);
    expect(await command.getByText("a <b>test</b>").count()).toBe(1);

    await command.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone: 3 as before").waitFor();
    await commands(page).getByText("Undo a command").waitFor();
    expect(await states(ids)).toEqual(["queued", "queued", "queued"]);
    expect(await page.getByRole("button", { name: "Undo" }).count()).toBe(0);
  });

  test("shows the former state of what was changed when it is unfolded", async () => {
    await queue.pause("news");
    const url = await startDashboard();
    const page = await browser.open(`${url}/audit`, { width: 360, colorScheme: "dark" });

    await commands(page).first().getByText("Details").click();
    await commands(page).first().getByText('"pausedAt"').waitFor();
    expect(await pageProblems(page)).toEqual([]);

    await commands(page).first().getByRole("link", { name: "news" }).click();
    await page.getByRole("heading", { name: "Queues" }).waitFor();
  });

  test("offers an undo to those alone who may give the command", async () => {
    await queue.pause("news");
    await queue.setQueue("news", { timeoutMs: 1_000 });
    const url = await startDashboard({ authorize: () => ({ actions: ["queues.change"] }) });
    const page = await browser.open(`${url}/audit`);
    const undoOf = (title: string) =>
      commands(page).filter({ hasText: title }).getByRole("button", { name: "Undo" });

    await undoOf("Change a queue's settings").waitFor();
    expect(await undoOf("Pause a queue").count()).toBe(0);
  });

  test("reads older rows when asked, and none twice", async () => {
    await pool.query(
      `INSERT INTO millrace.audit_log (at, command_id, who, via, action, filter, changed, before)
       SELECT now() - n * interval '1 minute', gen_random_uuid(), 'ada', 'a test', 'pause',
              jsonb_build_object('name', 'q-' || n), 1, '[]'
       FROM generate_series(80, 1, -1) AS n`,
    );
    const url = await startDashboard();
    const page = await browser.open(`${url}/audit`);
    await page.getByText("q-1", { exact: true }).waitFor();
    expect(await commands(page).count()).toBe(50);

    await page.getByRole("button", { name: "Older" }).click();
    await page.getByText("q-80", { exact: true }).waitFor();

    expect(await commands(page).count()).toBe(80);
    expect(await page.getByRole("button", { name: "Older" }).count()).toBe(0);
  });
});
