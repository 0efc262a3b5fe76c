import { useTestDatabase } from "@millrace/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pageProblems } from "./check-page.ts";
import { type ReportWorker, startReportWorker } from "./report-worker.ts";
import { HOSTILE, type Seeded, seed } from "./seed.ts";
import { describeInBrowser, picture, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();
let seeded: Seeded;
let worker: ReportWorker;

beforeAll(async () => {
  const pool = database.pool();
  seeded = await seed(pool);
  worker = await startReportWorker(pool);
  await worker.progress({ done: 40, total: 100 });
});
afterAll(() => worker.stop());

/** Every page, with a text that is there once the page has its data. */
const PAGES = [
  ["overview", () => "/", "Overview"],
  ["jobs", () => "/jobs", "send"],
  ["job-queued", () => `/jobs/${seeded.queuedId}`, "ada@example.com"],
  ["job-running", () => `/jobs/${worker.jobId}`, "40"],
  ["job-failed", () => `/jobs/${seeded.failedId}`, "connection refused"],
  ["failures", () => "/failures", "connection refused"],
  ["queues", () => "/queues", "newsletter"],
  ["schedules", () => "/schedules", "nightly-report"],
  ["schedule", () => "/schedules/nightly-report", "Europe/Berlin"],
  ["workers", () => "/workers", "worker-1"],
  ["audit", () => "/audit", "newsletter"],
] as const;

const LOOKS = [
  { width: 1_280, colorScheme: "light" },
  { width: 1_280, colorScheme: "dark" },
  { width: 360, colorScheme: "light" },
  { width: 360, colorScheme: "dark" },
] as const;

describeInBrowser("every page", () => {
  test.each(LOOKS)("is whole and can be used by everybody at $width px in the $colorScheme", async (look) => {
    const url = await startDashboard({ basePath: "/ops/millrace" });
    const page = await browser.open(`${url}/jobs`, look);
    const problems: Record<string, string[]> = {};

    for (const [name, path, text] of PAGES) {
      await page.goto(`${url}${path()}`);
      await page.getByRole("main").getByText(text).first().waitFor();
      await picture(page, `${name}-${look.width}-${look.colorScheme}`);
      const found = await pageProblems(page);
      if (found.length > 0) problems[name] = found;
    }

    expect(problems).toEqual({});
  });
});

describeInBrowser("texts of users", () => {
  test("are shown as texts on every page, and never run", async () => {
    const url = await startDashboard();
    const page = await browser.open(`${url}/jobs/${seeded.hostileId}`);
    await page.getByRole("main").getByText(HOSTILE).first().waitFor();

    for (const path of [
      "/",
      "/jobs",
      "/failures",
      "/queues",
      "/schedules",
      `/schedules/${encodeURIComponent(HOSTILE)}`,
    ]) {
      await page.goto(`${url}${path}`);
      await page.getByRole("main").getByText(HOSTILE).first().waitFor();
      expect(await page.locator("img[src=x]").count()).toBe(0);
    }
  });
});
