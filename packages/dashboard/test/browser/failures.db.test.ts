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

const declined = (page: Page) => page.getByRole("row", { name: /The card was declined/ });

const failedCharges = () => queue.list({ state: "failed", type: "charge" });

describeInBrowser("the failures", () => {
  test("of one kind are retried after a count, and put back by the undo", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/failures`);

    await declined(page).getByRole("button", { name: "Retry all" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("3 jobs", { exact: true }).waitFor();
    expect(await failedCharges()).toHaveLength(3);
    expect(await pageProblems(page)).toEqual([]);
    await picture(page, "retry-kind-dialog");
    await dialog.getByRole("button", { name: "Retry 3 jobs" }).click();

    await declined(page).waitFor({ state: "detached" });
    expect(await failedCharges()).toHaveLength(0);
    expect(await queue.list({ state: "failed", type: "send" })).toHaveLength(6);
    await page.getByRole("button", { name: "Undo" }).click();
    await declined(page).waitFor();
    expect(await failedCharges()).toHaveLength(3);
  });

  test("of one kind are listed, and the last of them is opened", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/failures?type=charge`);

    await declined(page).getByRole("link", { name: "3", exact: true }).click();
    await page.getByText("3 jobs", { exact: true }).waitFor();
    expect(await page.getByLabel("Error includes").inputValue()).toBe("Error: The card was declined: order");
    await page.goBack();
    await declined(page)
      .getByRole("link", { name: /declined/ })
      .click();

    await page.getByRole("heading", { level: 1, name: "charge" }).waitFor();
    await page.getByRole("heading", { name: "Error", exact: true }).waitFor();
  });

  test("have no button to retry them for those who may only read", async () => {
    const url = await startDashboard({ authorize: () => "read" });
    const page = await browser.open(`${url}/failures`);

    await declined(page).waitFor();
    expect(await page.getByRole("button", { name: "Retry all" }).count()).toBe(0);
  });
});
