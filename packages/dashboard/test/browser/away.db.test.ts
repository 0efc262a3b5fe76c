import { createQueue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { expect, test } from "vitest";
import { describeInBrowser, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();

describeInBrowser("while the database is away", () => {
  test("the overview says what is wrong, although its stream stays open, and goes on by itself", async () => {
    const pool = database.pool();
    const page = await browser.open(await startDashboard());
    const main = page.getByRole("main");
    await main.getByText("due and due later").waitFor();
    browser.expectStatus(503);

    await pool.query("ALTER SCHEMA millrace RENAME TO away");
    await main.getByText(/These figures are old: .*Run `millrace migrate`/).waitFor();
    await pool.query("ALTER SCHEMA away RENAME TO millrace");
    await createQueue(pool).enqueue("t", {}, { queue: "after-it-came-back" });

    await main.getByText("These figures are old").waitFor({ state: "detached" });
  });

  test("a part of a page that is seldom read is read again soon after a failure", async () => {
    const url = await startDashboard();
    browser.expectStatus(503);
    const page = await browser.open("about:blank");
    await page.route(
      "**/api/jobs/failures*",
      (route) => {
        const problem = {
          title: "Try again later",
          status: 503,
          detail: "No database.",
          code: "X",
          type: "",
        };
        return route.fulfill({ status: 503, json: problem });
      },
      { times: 1 },
    );
    await page.goto(url);

    await page.getByText("No database.").waitFor();
    await page.getByText("No database.").waitFor({ state: "detached" });
  });

  test("a page that is opened then shows its data by itself, once the database is back", async () => {
    await createQueue(database.pool()).enqueue("t", {}, { queue: "found-again" });
    const url = await startDashboard();
    browser.expectStatus(503);
    const page = await browser.open("about:blank");
    let away = true;
    let asked = 0;
    await page.route("**/api/session", (route) => {
      asked += 1;
      if (!away) return route.continue();
      const problem = { title: "Try again later", status: 503, detail: "No database.", code: "X", type: "" };
      return route.fulfill({ status: 503, json: problem });
    });
    await page.goto(`${url}/queues`);
    await page.getByText("No database.").waitFor();

    away = false;

    await page.getByRole("main").getByText("found-again").waitFor();
    expect(asked).toBeGreaterThan(1);
  });
});
