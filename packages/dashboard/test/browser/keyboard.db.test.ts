import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, expect, test } from "vitest";
import { pageProblems } from "./check-page.ts";
import { describeInBrowser, picture, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();
let queue: Queue;

beforeAll(async () => {
  queue = createQueue(database.pool({ max: 1 }));
  for (const type of ["one", "two", "three"]) await queue.enqueue(type, {}, { delayMs: 3_600_000 });
});

describeInBrowser("the keyboard", () => {
  test("goes to pages, moves in the list, selects and opens", async () => {
    const url = await startDashboard();
    const page = await browser.open(url);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();

    await page.keyboard.press("g");
    await page.keyboard.press("j");
    await page.getByRole("row", { name: /three/ }).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("1 selected").waitFor();
    expect(await page.getByRole("row", { name: /two/ }).getByRole("checkbox").isChecked()).toBe(true);
    await page.keyboard.press("x");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");

    await page.getByRole("heading", { level: 1, name: "three" }).waitFor();
  });

  test("shows all keys, and gives the focus back", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/jobs`);
    await page.getByRole("row", { name: /three/ }).waitFor();

    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("Go to the filter").waitFor();
    expect(await pageProblems(page)).toEqual([]);
    await picture(page, "keys");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("/");

    await page.getByLabel("Type", { exact: true }).and(page.locator(":focus")).waitFor();
    // In a field, keys are text.
    await page.keyboard.type("gq?");
    expect(await page.getByLabel("Type", { exact: true }).inputValue()).toBe("gq?");
  });

  test("reaches everything from the link that skips the navigation", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/jobs`);
    await page.getByRole("row", { name: /three/ }).waitFor();

    await page.keyboard.press("Tab");
    const skip = page.locator(":focus");
    expect(await skip.textContent()).toMatch(/skip/i);
    await page.keyboard.press("Enter");

    expect(
      await page.evaluate<boolean>("document.querySelector('main').contains(document.activeElement)"),
    ).toBe(true);
  });
});
