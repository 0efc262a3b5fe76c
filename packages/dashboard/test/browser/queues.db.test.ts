import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { pageProblems } from "./check-page.ts";
import { describeInBrowser, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();
let queue: Queue;

beforeAll(async () => {
  queue = createQueue(database.pool({ max: 2 }));
  await queue.enqueue("send", {}, { queue: "mail" });
  await queue.enqueue("send", {}, { queue: "mail", delayMs: 3_600_000 });
  await queue.enqueue("send", {}, { queue: "sms" });
});

const row = (page: Page, name: string) => page.getByRole("row", { name: new RegExp(`^${name}`) });

async function isPaused(name: string): Promise<boolean> {
  const depths = await queue.depths();
  return depths.some((each) => each.queue === name && each.pausedAt !== null);
}

describeInBrowser("a queue", () => {
  test("is paused after a question, and resumed by the undo", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/queues`);

    await page.getByRole("button", { name: "Pause mail" }).click();
    await page
      .getByRole("dialog")
      .getByText(/2 queued jobs wait/)
      .waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await row(page, "mail")
      .getByText(/paused/)
      .waitFor();
    expect(await isPaused("mail")).toBe(true);
    expect(await isPaused("sms")).toBe(false);

    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Pause mail" }).waitFor();
    expect(await isPaused("mail")).toBe(false);
  });

  test("stays as it is when the question is answered no", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/queues`);

    await page.getByRole("button", { name: "Pause sms" }).click();
    await page.getByRole("button", { name: "Keep as it is" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });

    expect(await isPaused("sms")).toBe(false);
  });

  test("gets settings from the form, which names the field that is wrong", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/queues`, { width: 360, colorScheme: "dark" });
    await page.getByRole("button", { name: "Settings of sms" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Time-out").fill("soon");
    await dialog.getByLabel("Dead letter: type").fill("mourn");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText(/Give a duration with its unit/).waitFor();
    expect(await pageProblems(page)).toEqual([]);

    await dialog.getByLabel("Time-out").fill("1m30s");
    await dialog.getByRole("button", { name: "Save" }).click();
    await row(page, "sms").getByText("time-out 1 min 30 s · dead letter mourn").waitFor();

    expect(await queue.queueSettings("sms")).toEqual({ timeoutMs: 90_000, deadLetter: { type: "mourn" } });
  });

  test("leads to its jobs by their state, and is found by a part of its name", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/queues`);
    await row(page, "sms").waitFor();

    await page.keyboard.press("/");
    await page.keyboard.type("AI");
    await row(page, "sms").waitFor({ state: "detached" });
    expect(new URL(page.url()).search).toBe("?queue=AI");

    await row(page, "mail").getByRole("link", { name: "2", exact: true }).click();
    await page.getByRole("heading", { name: "Jobs" }).waitFor();
    expect(new URL(page.url()).search).toBe("?queue=mail&state=queued");
  });

  test("has no buttons for those who may only read", async () => {
    const url = await startDashboard({ authorize: () => "read" });
    const page = await browser.open(`${url}/queues`);

    await row(page, "mail").waitFor();
    expect(await row(page, "mail").getByRole("button").count()).toBe(0);
  });
});
