import { waitFor } from "@millrace/testing";
import type { Browser } from "playwright-core";

/** For how long a page asks for nothing before it counts as loaded. */
const QUIET_MS = 500;

/** Opens a page, waits until it has asked for all that it shows, and closes it. Throws if an answer is a problem. */
export async function loadPage(browser: Browser, url: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 }, timezoneId: "UTC" });
  try {
    const page = await context.newPage();
    const problems: string[] = [];
    let asking = 0;
    let answers = 0;
    let quietSince = performance.now();
    const isAsked = (address: string) => new URL(address).pathname.startsWith("/api/");
    page.on("request", (request) => {
      if (isAsked(request.url()) && request.resourceType() !== "eventsource") asking++;
    });
    page.on("response", (response) => {
      if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
    });
    const onEnd = (request: { url(): string; resourceType(): string }) => {
      if (!isAsked(request.url()) || request.resourceType() === "eventsource") return;
      asking--;
      answers++;
      quietSince = performance.now();
    };
    page.on("requestfinished", onEnd);
    page.on("requestfailed", onEnd);
    await page.goto(url);
    await waitFor(() => asking === 0 && answers > 0 && performance.now() - quietSince > QUIET_MS, {
      description: `${url} to load`,
    });
    if (problems.length > 0) throw new Error(`${url}: ${problems.join(", ")}`);
  } finally {
    await context.close();
  }
}
