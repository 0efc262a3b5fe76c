import { createQueue, type Queue } from "@millrace/queue";
import { createSchedules, type Schedules } from "@millrace/scheduler";
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
let schedules: Schedules;

beforeAll(() => {
  pool = database.pool({ max: 3 });
  queue = createQueue(pool);
  schedules = createSchedules(pool);
});

const field = (page: Page, label: string) => page.getByRole("dialog").getByLabel(label, { exact: true });

/** Each test has a schedule of its own, because the files' tests share a database. */
const hourly = (name: string) =>
  schedules.create({ name, jobType: "report", cron: "0 * * * *", timezone: "Europe/Berlin" });

/** Writes a tick, as a scheduler does. */
async function addTick(
  scheduleId: string,
  minute: number,
  outcome: string,
  jobId: string | null,
): Promise<void> {
  await pool.query(
    "INSERT INTO millrace.job_schedule_ticks (schedule_id, tick_at, outcome, job_id) VALUES ($1, $2, $3, $4)",
    [scheduleId, new Date(Date.UTC(2031, 0, 1, 0, minute)), outcome, jobId],
  );
}

describeInBrowser("the form of a schedule", () => {
  test("shows the next ticks in both zones as one types, and creates what was shown", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/schedules`);
    await page.getByRole("button", { name: "New schedule" }).click();
    const preview = page.getByRole("region", { name: "Preview" });
    browser.expectStatus(400);

    await field(page, "Expression").last().fill("0 12 1 *");
    await preview.getByText(/five|fields/).waitFor();
    await field(page, "Expression").last().fill("0 12 1 * *");
    await field(page, "Time zone").fill("America/New_York");
    await preview
      .getByText(/The clock changes from/)
      .first()
      .waitFor();

    expect(await preview.getByRole("columnheader").allTextContents()).toEqual([
      "America/New_York",
      "Europe/Berlin",
      "From now",
    ]);
    expect(await preview.getByText(/ 12:00:00 -0[45]:00/).count()).toBe(8);
    expect(await pageProblems(page)).toEqual([]);
    await picture(page, "schedule-form");

    await page.getByRole("button", { name: "Create" }).click();
    expect(await page.getByText("This field is required.").count()).toBe(2);
    await field(page, "Name").fill("monthly");
    await field(page, "Type").fill("report");
    await field(page, "Payload").fill('{"big": 12345678901234567890}');
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("row", { name: /^monthly/ }).waitFor();

    expect(await schedules.get("monthly")).toMatchObject({
      jobType: "report",
      cron: "0 12 1 * *",
      timezone: "America/New_York",
      enabled: true,
    });
    const { rows } = await pool.query(
      "SELECT payload::text FROM millrace.job_schedules WHERE name = 'monthly'",
    );
    expect(rows).toEqual([{ payload: '{"big": 12345678901234567890}' }]);
  });

  test("says where the server refuses a field, and keeps what was typed", async () => {
    await hourly("taken");
    const url = await startDashboard();
    const page = await browser.open(`${url}/schedules`);
    browser.expectStatus(409);
    await page.getByRole("button", { name: "New schedule" }).click();
    await field(page, "Name").fill("taken");
    await field(page, "Type").fill("report");
    await field(page, "Expression").last().fill("@daily");

    await page.getByRole("button", { name: "Create" }).click();

    await page.getByRole("alert").getByText(/taken/).waitFor();
    expect(await field(page, "Type").inputValue()).toBe("report");
  });

  test("changes only the fields that differ", async () => {
    await hourly("edited");
    const url = await startDashboard();
    const page = await browser.open(`${url}/schedules/edited`);
    await page.getByRole("button", { name: "Edit edited" }).click();
    // Somebody else changes another field meanwhile.
    await schedules.update("edited", { queue: "other" });

    await field(page, "Overlap").selectOption("skip");
    await page
      .getByRole("dialog")
      .getByText(/no job while an earlier job/)
      .waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The schedule edited is changed").waitFor();

    expect(await schedules.get("edited")).toMatchObject({
      overlap: "skip",
      queue: "other",
      cron: "0 * * * *",
    });
  });
});

describeInBrowser("a schedule in the list", () => {
  test("is disabled after a question, and enabled again by the undo", async () => {
    await hourly("switched");
    const url = await startDashboard();
    const page = await browser.open(`${url}/schedules`);

    await page.getByRole("button", { name: "Disable switched" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
    await page.getByRole("button", { name: "Enable switched" }).waitFor();
    expect((await schedules.get("switched")).enabled).toBe(false);

    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Disable switched" }).waitFor();
    expect((await schedules.get("switched")).enabled).toBe(true);
  });

  test("runs now", async () => {
    const { id } = await hourly("ran");
    const url = await startDashboard();
    const page = await browser.open(`${url}/schedules`);

    await page.getByRole("button", { name: "Run now: ran" }).click();
    await page.getByText(/The job .* of ran is enqueued/).waitFor();

    expect(await queue.list({ scheduleId: id })).toMatchObject([{ state: "queued", type: "report" }]);
  });

  test("shows what became of its last ticks, the latest at the right, each a link to its job", async () => {
    const { id } = await hourly("ticked");
    const job = await queue.enqueue("report", {});
    await addTick(id, 0, "enqueued", job.id);
    await addTick(id, 1, "overlap-skipped", null);
    await addTick(id, 2, "enqueued", "0192aaaa-0000-7000-8000-000000000000");
    const url = await startDashboard();
    const page = await browser.open(`${url}/schedules`);

    const row = page.getByRole("row", { name: /^ticked/ });
    await row.getByText("1 queued, 1 skipped, 1 deleted").waitFor();
    expect(await row.locator(".tick").count()).toBe(3);
    await row.locator("a.tick").click();
    await page.getByRole("heading", { name: "report" }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/jobs/${job.id}`);
  });

  test("is deleted from its own page, after a question that says there is no undo", async () => {
    await hourly("doomed");
    const url = await startDashboard();
    const page = await browser.open(`${url}/schedules/doomed`);

    await page.getByRole("button", { name: "Delete doomed" }).click();
    await page
      .getByRole("dialog")
      .getByText(/no undo/)
      .waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("The schedule doomed is deleted").waitFor();

    expect(new URL(page.url()).pathname).toBe("/schedules");
    await expect(schedules.get("doomed")).rejects.toThrow(/doomed/);
  });

  test("beyond the first page is shown when asked for, and stays current", async () => {
    await pool.query(
      `INSERT INTO millrace.job_schedules (name, job_type, queue, cron_expr, enabled)
       SELECT 'zz-' || to_char(n, 'FM000'), 'report', 'many', '0 0 1 1 *', false FROM generate_series(1, 60) AS n`,
    );
    const url = await startDashboard();
    const page = await browser.open(`${url}/schedules?enabled=false`);
    await page.getByRole("row", { name: /^zz-001/ }).waitFor();
    expect(await page.getByRole("row", { name: /^zz-060/ }).count()).toBe(0);

    await page.getByRole("button", { name: "More schedules" }).click();
    await page.getByRole("row", { name: /^zz-060/ }).waitFor();
    await page.getByRole("button", { name: "Enable zz-060" }).click();
    await page.getByRole("row", { name: /^zz-060/ }).waitFor({ state: "detached" });
    expect(await page.getByRole("row", { name: /^zz-059/ }).count()).toBe(1);
  });

  test("has no buttons for those who may only read", async () => {
    await hourly("seen");
    const url = await startDashboard({ authorize: () => "read" });
    const page = await browser.open(`${url}/schedules`);

    const row = page.getByRole("row", { name: /^seen/ });
    await row.waitFor();
    expect(await row.getByRole("button").count()).toBe(0);
    expect(await page.getByRole("button", { name: "New schedule" }).count()).toBe(0);
  });
});
