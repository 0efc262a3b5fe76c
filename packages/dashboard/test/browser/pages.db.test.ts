import { useTestDatabase } from "@millrace/testpg/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layoutProblems, pageProblems } from "./check-page.ts";
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
  ["overview", () => "/", "connection refused"],
  ["jobs", () => "/jobs", "connection refused"],
  ["job-queued", () => `/jobs/${seeded.queuedId}`, "ada@example.com"],
  ["job-running", () => `/jobs/${worker.jobId}`, "40 of 100"],
  ["job-failed", () => `/jobs/${seeded.failedId}`, "connection refused"],
  ["failures", () => "/failures", "connection refused"],
  ["queues", () => "/queues", "newsletter"],
  ["schedules", () => "/schedules", "nightly-report"],
  ["schedule", () => "/schedules/nightly-report", "Europe/Berlin"],
  ["workers", () => "/workers", "worker-1"],
  ["audit", () => "/audit", "newsletter"],
] as const;

/** Axe looks at both themes and both widths, in two looks: axe takes long. */
const LOOKS = [
  { width: 1_280, colorScheme: "light", axe: true },
  { width: 1_280, colorScheme: "dark", axe: false },
  { width: 360, colorScheme: "dark", axe: true },
  { width: 360, colorScheme: "light", axe: false },
] as const;

describeInBrowser("every page", () => {
  test.each(PAGES)("is whole and can be used by everybody: %s", async (name, path, text) => {
    const url = await startDashboard({ basePath: "/ops/millrace" });
    const page = await browser.open(`${url}${path()}`);
    await page.getByRole("main").getByText(text).first().waitFor();

    const problems: string[] = [];
    for (const { width, colorScheme, axe } of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await picture(page, `${name}-${width}-${colorScheme}`);
      const found = axe ? await pageProblems(page) : await layoutProblems(page);
      problems.push(...found.map((problem) => `${width} px, ${colorScheme}: ${problem}`));
    }

    expect(problems).toEqual([]);
  });
});

/** Every page that shows texts of users. */
const HOSTILE_PAGES = [
  ["overview", () => "/"],
  ["jobs", () => "/jobs"],
  ["job", () => `/jobs/${seeded.hostileId}`],
  ["failures", () => "/failures"],
  ["queues", () => "/queues"],
  ["schedules", () => "/schedules"],
  ["schedule", () => `/schedules/${encodeURIComponent(HOSTILE)}`],
] as const;

describeInBrowser("texts of users", () => {
  test.each(HOSTILE_PAGES)("are shown as texts, and never run: %s", async (_name, path) => {
    const url = await startDashboard();
    const page = await browser.open(`${url}${path()}`);

    await page.getByRole("main").getByText("onerror=").filter({ visible: true }).first().waitFor();

    expect(await page.locator("img[src=x], main script").count()).toBe(0);
  });
});
