import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type { Pool } from "pg";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { pageProblems } from "./check-page.ts";
import { describeInBrowser, picture, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();
let pool: Pool;
let queue: Queue;

beforeAll(async () => {
  pool = database.pool({ max: 3 });
  queue = createQueue(pool);
  await addMinutes("mail", 30, { completed: 100, failed: 2 });
  await addMinutes("sms", 30, { completed: 10, failed: 0 });
});

/** Writes what workers counted in each of the last minutes, the current one left out. */
async function addMinutes(
  name: string,
  minutes: number,
  { completed, failed }: { completed: number; failed: number },
): Promise<void> {
  await pool.query(
    `INSERT INTO millrace.queue_minutes (minute, queue, completed, failed, due, running, oldest_due_ms)
     SELECT date_trunc('minute', now()) - n * interval '1 minute', $1, $2, $3, 5, 2, 1500
     FROM generate_series(1, $4::int) AS n`,
    [name, completed, failed, minutes],
  );
}

const figure = (page: Page, label: string) =>
  page.locator(".overview-figure", { has: page.getByRole("link", { name: label, exact: true }) });

const eventStream = (request: { url(): string }) => request.url().endsWith("/api/events");

describeInBrowser("the overview", () => {
  test("follows what happens without a reload, and rests while nobody looks at its tab", async () => {
    const url = await startDashboard();
    const page = await browser.open(url);
    await figure(page, "Queued").getByText("0", { exact: true }).waitFor();

    for (let n = 0; n < 3; n++) await queue.enqueue("wait", {}, { queue: "mail", delayMs: 3_600_000 });
    await figure(page, "Queued").getByText("3", { exact: true }).waitFor();

    const closed = page.waitForEvent("requestfailed", eventStream);
    await show(page, false);
    await closed;
    const opened = page.waitForRequest(eventStream);
    await show(page, true);
    await opened;
  });

  test("shows the figures of its charts as a table, of all queues or of one", async () => {
    const url = await startDashboard();
    const page = await browser.open(url);
    await page.getByText("As a table").click();
    const totals = page.getByRole("row", { name: /^All/ });
    await totals.waitFor();
    expect(await page.locator("canvas").count()).toBe(3);
    expect((await totals.getByRole("cell").allTextContents()).slice(0, 2)).toEqual(["3,300", "60"]);

    await page.getByLabel("Queue", { exact: true }).selectOption("mail");
    await page.getByText("What happened in mail").waitFor();
    await totals.getByText("3,000").waitFor();
    await page.getByLabel("24 h").check();
    await totals.getByText("3,000").waitFor();

    // The charts of the former period are pale until the others are there.
    await page.locator('.charts[aria-busy="false"]').waitFor();

    expect(new URL(page.url()).search).toBe("?hours=24&queue=mail");
    expect(await pageProblems(page)).toEqual([]);
  });

  test("draws its charts in the colours of the theme that is chosen", async () => {
    const url = await startDashboard();
    const page = await browser.open(url);
    await page.locator("canvas").first().waitFor();
    const light = await page.locator("canvas").first().elementHandle();

    await page.emulateMedia({ colorScheme: "dark" });
    await light?.waitForElementState("hidden");
    await page.locator("canvas").first().waitFor();

    await picture(page, "overview-turned-dark");
  });

  test("tells of a transaction that slows claims down, and how to end it", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/audit`);
    await pretendHolder(page);
    await page.goto(url);

    await page.getByText(/nightly-report .*pid 4711.* has held a transaction open for 12 min 34 s/).waitFor();
    await page.getByText("What this does, and how to end it").click();
    await page.getByText("SELECT pg_terminate_backend(4711);").waitFor();
    await page.getByText("SELECT <b>1</b>").waitFor();
    await page.getByRole("button", { name: "Copy statement" }).click();
    await page.getByRole("button", { name: "Copied statement" }).waitFor();

    expect(await pageProblems(page)).toEqual([]);
    await picture(page, "overview-snapshot-holder");
  });
});

/** Says that the tab is looked at, or not. */
async function show(page: Page, isShown: boolean): Promise<void> {
  await page.evaluate(`Object.defineProperty(document, "hidden", { configurable: true, value: ${!isShown} });
    document.dispatchEvent(new Event("visibilitychange"))`);
}

/** Adds a transaction to what the server tells: a real one would have to be older than a minute. */
async function pretendHolder(page: Page): Promise<void> {
  const holder = {
    pid: 4711,
    applicationName: "nightly-report",
    user: "analyst",
    state: "idle in transaction",
    since: "2031-01-01T00:00:00.000Z",
    ageMs: 754_000,
    query: "SELECT <b>1</b>",
  };
  await page.route("**/api/stats/overview", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), snapshotHolder: holder } });
  });
  await page.route("**/api/stats/snapshot-holders", (route) =>
    route.fulfill({ json: { holders: [holder] } }),
  );
  const over = { contentType: "text/event-stream", body: "event: end\ndata:\n\n" };
  await page.route("**/api/events", (route) => route.fulfill(over));
}
