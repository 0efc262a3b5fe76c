import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pageProblems } from "./check-page.ts";
import { type ReportWorker, startReportWorker } from "./report-worker.ts";
import { describeInBrowser, picture, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();
let queue: Queue;
let worker: ReportWorker;

beforeAll(async () => {
  const pool = database.pool();
  queue = createQueue(pool);
  worker = await startReportWorker(pool);
});
afterAll(() => worker.stop());

const later = { queue: "mail", delayMs: 3_600_000 };

const stateOf = async (id: string) => (await queue.get(id)).state;

const inDialog = (page: Page) => page.getByRole("dialog");

describeInBrowser("the page of a job", () => {
  test("follows a running job without a reload, until its end", async () => {
    const url = await startDashboard();
    await worker.progress({ done: 1, total: 4 });
    const page = await browser.open(`${url}/jobs/${worker.jobId}`);
    await page.getByText("1 of 4").waitFor();

    await worker.progress({ done: 3, total: 4 });
    await page.getByText("3 of 4").waitFor();
    worker.finish();

    await page.getByText("completed").first().waitFor();
    await page.getByRole("button", { name: "Retry" }).waitFor();
  });

  test("edits a queued job, and keeps a number that JavaScript would round", async () => {
    const { id } = await queue.enqueue("send", { to: "ada" }, later);
    const url = await startDashboard();
    const page = await browser.open(`${url}/jobs/${id}`);
    await page.getByRole("button", { name: "Edit" }).first().click();
    await inDialog(page).getByLabel("Payload", { exact: true }).fill('{"order": 9007199254740993');
    await inDialog(page).getByRole("button", { name: "Save" }).click();
    expect(await inDialog(page).getByLabel("Payload", { exact: true }).getAttribute("aria-invalid")).toBe(
      "true",
    );
    expect(await pageProblems(page)).toEqual([]);
    await picture(page, "edit-dialog");

    await inDialog(page).getByLabel("Payload", { exact: true }).fill('{"order": 9007199254740993}');
    await inDialog(page).getByLabel("Priority").fill("-7");
    await inDialog(page).getByLabel("Tags").fill("vip, eu");
    await inDialog(page).getByRole("button", { name: "Save" }).click();

    await page.getByText("9007199254740993").waitFor();
    expect(await queue.get(id)).toMatchObject({ priority: -7, tags: ["vip", "eu"], queue: "mail" });
  });

  test("says why a job is not running, and what to do", async () => {
    const { id } = await queue.enqueue("send", {}, { queue: "paused", delayMs: 3_600_000 });
    await queue.pause("paused");
    const url = await startDashboard();
    const page = await browser.open(`${url}/jobs/${id}`);

    await page
      .getByRole("main")
      .getByText(/paused/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Run now" }).first().click();
    await page.getByText("The job is due now").waitFor();

    expect((await queue.get(id)).state).toBe("queued");
  });

  test("cancels a job after a question, and the undo queues it again", async () => {
    const { id } = await queue.enqueue("send", {}, later);
    const url = await startDashboard();
    const page = await browser.open(`${url}/jobs/${id}`);

    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await inDialog(page).getByRole("button", { name: "Cancel the job" }).click();
    await page.getByText("The job is canceled").waitFor();
    expect(await stateOf(id)).toBe("canceled");
    await page.getByRole("button", { name: "Undo" }).click();

    await page.getByRole("button", { name: "Run now" }).first().waitFor();
    expect(await stateOf(id)).toBe("queued");
  });

  test("never shows a redacted value, and does not let it be edited", async () => {
    const { id } = await queue.enqueue("pay", { card: { number: "4000056655665556" }, cents: 5 }, later);
    const url = await startDashboard({ redact: ["card.number"] });
    const page = await browser.open(`${url}/jobs/${id}`);
    await page.locator(".json-redacted").waitFor();
    await page.getByRole("button", { name: "Edit" }).first().click();

    await inDialog(page)
      .getByText(/redacted values/)
      .waitFor();
    expect(await page.content()).not.toContain("4000056655665556");
    expect(await pageProblems(page)).toEqual([]);
  });

  test("has no buttons for those who may only read", async () => {
    const { id } = await queue.enqueue("send", {}, later);
    const url = await startDashboard({ authorize: () => "read" });
    const page = await browser.open(`${url}/jobs/${id}`);

    await page.getByRole("heading", { name: "send" }).waitFor();
    for (const name of ["Run now", "Edit", "Duplicate", "Cancel", "Delete"]) {
      expect(await page.getByRole("button", { name, exact: true }).count()).toBe(0);
    }
  });
});
