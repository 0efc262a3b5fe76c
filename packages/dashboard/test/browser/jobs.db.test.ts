import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { pageProblems } from "./check-page.ts";
import { seed } from "./seed.ts";
import { describeInBrowser, picture, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();
let queue: Queue;

beforeAll(async () => {
  const pool = database.pool({ max: 2 });
  queue = createQueue(pool);
  await seed(pool);
});

const rows = (page: Page) =>
  page.getByRole("row").filter({ has: page.getByRole("checkbox", { name: /^Select job/ }) });

const failedSends = () => queue.list({ state: "failed", type: "send" });

describeInBrowser("the list of jobs", () => {
  test("is filtered, and all that fit are retried after a count, and put back by the undo", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/jobs`);
    await page.getByRole("radio", { name: "failed" }).check();
    await page.getByLabel("Type", { exact: true }).fill("send");
    await page.getByLabel("Type", { exact: true }).press("Enter");
    await page.getByText("6 jobs", { exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe("?state=failed&type=send");

    await page.getByRole("row").first().getByRole("checkbox").check();
    await page.getByText("6 selected").waitFor();
    await page.getByRole("button", { name: "Retry", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("6 jobs", { exact: true }).waitFor();
    expect(await failedSends()).toHaveLength(6);
    expect(await pageProblems(page)).toEqual([]);
    await picture(page, "bulk-dialog");
    await dialog.getByRole("button", { name: "Retry 6 jobs" }).click();

    await page.getByText("6 jobs retried").waitFor();
    expect(await failedSends()).toHaveLength(0);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("6 jobs", { exact: true }).waitFor();
    expect(await failedSends()).toHaveLength(6);
  });

  test("keeps its filters in the address, for the next visitor and for the back button", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/jobs?state=failed&type=charge`);
    await page.getByText("3 jobs", { exact: true }).waitFor();

    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("newsletter").first().waitFor();
    await page.goBack();

    await page.getByText("3 jobs", { exact: true }).waitFor();
    expect(await page.getByLabel("Type", { exact: true }).inputValue()).toBe("charge");
  });

  test("counts new jobs without moving the rows, and shows them when it is asked to", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/jobs?queue=live`);
    await page.getByText("0 jobs", { exact: true }).waitFor();
    // A list without rows has none to move.
    await queue.enqueue("first", {}, { queue: "live" });
    await page.getByRole("row", { name: /first/ }).waitFor();

    await queue.enqueue("second", {}, { queue: "live" });
    await page.getByRole("button", { name: /^1 new/ }).waitFor();
    expect(await rows(page).allTextContents()).toEqual([expect.stringContaining("first")]);

    await page.getByRole("button", { name: /^1 new/ }).click();
    await page.getByRole("row", { name: /second/ }).waitFor();
  });

  test("finds a job by the end of its id", async () => {
    const { id } = await queue.enqueue("sought", {}, { queue: "mail" });
    const url = await startDashboard();
    const page = await browser.open(`${url}/jobs`);

    await page.getByLabel("Id or its end").fill(id.slice(-8));
    await page.getByLabel("Id or its end").press("Enter");

    await page.getByText("1 job", { exact: true }).waitFor();
    await page
      .getByRole("row", { name: /sought/ })
      .getByRole("link")
      .first()
      .click();
    await page.waitForURL(`${url}/jobs/${id}`);
  });

  test("has no boxes to select rows for those who may only read", async () => {
    const url = await startDashboard({ authorize: () => "read" });
    const page = await browser.open(`${url}/jobs?state=failed`);

    await page.getByText("connection refused").first().waitFor();
    expect(await page.getByRole("checkbox").count()).toBe(0);
  });
});
