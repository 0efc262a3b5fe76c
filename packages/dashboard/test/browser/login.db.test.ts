import { tokenAuthorize } from "@millrace/dashboard";
import { createQueue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type { Route } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { pageProblems } from "./check-page.ts";
import { describeInBrowser, picture, useBrowser } from "./use-browser.ts";
import { useDashboard } from "./use-dashboard.ts";

const TOKEN = "a-token-of-more-than-16-characters";

const database = useTestDatabase();
const startDashboard = useDashboard(database);
const browser = useBrowser();

beforeAll(async () => {
  await createQueue(database.pool({ max: 1 })).enqueue("secret-job", {});
});

describeInBrowser("a dashboard with a token", () => {
  test("shows its data after the login, until the logout", async () => {
    const url = await startDashboard({
      basePath: "/ops",
      authorize: tokenAuthorize({ token: TOKEN, access: { actions: [], who: "ada" } }),
    });
    browser.expectStatus(401);
    const page = await browser.open(`${url}/jobs`);
    await page.getByLabel("Token").waitFor();
    expect(await pageProblems(page)).toEqual([]);
    await picture(page, "login");

    await page.getByLabel("Token").fill("a wrong token");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText(/did not take this token/).waitFor();
    expect(await page.content()).not.toContain("secret-job");
    await page.getByLabel("Token").fill(TOKEN);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("secret-job").first().waitFor();

    // No script can read the cookie, and the cookie does not have the token.
    expect(await page.evaluate<string>("document.cookie")).toBe("");
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/ops" });
    expect(cookie?.value).not.toContain(TOKEN);

    await page.reload();
    await page.getByText("secret-job").first().waitFor();
    await page.getByRole("button", { name: /time zone and colours/ }).click();
    // A logout that does not reach the server must not look like one that did.
    const refused = (route: Route) =>
      route.request().method() === "DELETE" ? route.fulfill({ status: 503 }) : route.continue();
    await page.route("**/api/session", refused);
    browser.expectStatus(503);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByText("You are still logged in").waitFor();
    expect(await page.context().cookies()).toHaveLength(1);
    await page.unroute("**/api/session", refused);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });
});
