import { migrateRoles } from "@millrace/schema/migrations";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, expect, test } from "vitest";
import { pageProblems } from "./check-page.ts";
import { type Seeded, seed } from "./seed.ts";
import { describeInBrowser, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();
let seeded: Seeded;

beforeAll(async () => {
  const pool = database.pool();
  await migrateRoles(pool);
  seeded = await seed(pool);
});

/** A dashboard that lets everybody do everything, as far as its database role goes. */
const asViewer = () => startDashboard({ role: "millrace_viewer" });

describeInBrowser("a dashboard with the role of viewers", () => {
  test.each(["/", "/jobs", "/failures", "/queues", "/schedules", "/workers", "/audit"])(
    "shows the page %s, without an error",
    async (path) => {
      const page = await browser.open(`${await asViewer()}${path}`);

      await page.getByRole("main").getByRole("heading", { level: 1 }).waitFor();
      await page.waitForLoadState("networkidle").catch(() => undefined);
      expect(await page.locator("[role=alert]").allTextContents()).toEqual([]);
      expect(await page.getByRole("main").textContent()).not.toMatch(
        /may not do this|failed, and has reported/,
      );
      expect(await pageProblems(page)).toEqual([]);
    },
  );

  test("says that the payload of a job is hidden, and has no buttons", async () => {
    const page = await browser.open(`${await asViewer()}/jobs/${seeded.queuedId}`);

    await page.getByText("Hidden: the database role of this dashboard may not read it.").waitFor();
    expect(await page.content()).not.toContain("ada@example.com");
    for (const name of ["Run now", "Edit", "Duplicate", "Cancel", "Delete"]) {
      expect(await page.getByRole("button", { name, exact: true }).count()).toBe(0);
    }
  });

  test("offers no filter by payloads", async () => {
    const page = await browser.open(`${await asViewer()}/jobs`);

    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByLabel("Error includes").waitFor();
    expect(await page.getByLabel("Payload contains").count()).toBe(0);
  });
});
