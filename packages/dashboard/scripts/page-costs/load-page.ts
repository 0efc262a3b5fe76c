import { waitFor } from "@millrace/testpg";
import type { Browser, Request } from "playwright-core";

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
    // An event stream never ends.
    const isAwaited = (request: Request) =>
      new URL(request.url()).pathname.startsWith("/api/") && request.resourceType() !== "eventsource";
    page.on("request", (request) => {
      if (isAwaited(request)) asking++;
    });
    page.on("response", (response) => {
      if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
    });
    const onEnd = (request: Request) => {
      if (!isAwaited(request)) return;
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
