import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject } from "vitest";

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

/** The browser of a test file. */
export interface TestBrowser {
  /**
   * Opens an address in a context of its own. After the test, the page is closed, and the test fails if the page had an
   * error, logged one, or broke its content security policy.
   */
  open(url: string, look?: Look): Promise<Page>;
  /** Says that an answer of this status is expected, which browsers log as an error. */
  expectStatus(status: number): void;
}

const SCREENSHOTS = resolve(import.meta.dirname, "../../test-results/screenshots");

/** As `describe`, for tests that need a browser. Without a browser, the tests are skipped, and their name says why. */
export const describeInBrowser = (name: string, tests: () => void): void => {
  const provided = inject("millraceTestBrowser");
  if ("missing" in provided) describe.skip(`${name} (${provided.missing})`, tests);
  else describe(name, tests);
};

/** Connects a test file to the browser that all files share. */
export function useBrowser(): TestBrowser {
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const problems: string[] = [];
  const expected = new Set<number>();

  beforeAll(async () => {
    const provided = inject("millraceTestBrowser");
    if ("wsEndpoint" in provided) browser = await chromium.connect(provided.wsEndpoint);
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    const found = problems.splice(0).filter((problem) => !isExpected(problem, expected));
    expected.clear();
    expect(found).toEqual([]);
  });
  afterAll(() => browser?.close());

  return {
    async open(url, { width = 1_280, colorScheme = "light" } = {}) {
      if (browser === undefined) throw new Error("there is no browser");
      const context = await browser.newContext({
        viewport: { width, height: 800 },
        colorScheme,
        reducedMotion: "reduce",
        timezoneId: "Europe/Berlin",
        locale: "en-GB",
      });
      contexts.push(context);
      await watchPolicy(context, problems);
      const page = await context.newPage();
      // Long on purpose: a test that passes does not wait so long.
      page.setDefaultTimeout(60_000);
      page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
      page.on("dialog", (dialog) => {
        problems.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
      });
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning")
          problems.push(`log: ${message.text()}`);
      });
      await page.goto(url);
      return page;
    },
    expectStatus: (status) => void expected.add(status),
  };
}

/** Chromium logs each answer of 400 or more as an error. */
function isExpected(problem: string, statuses: ReadonlySet<number>): boolean {
  const status = /^log: Failed to load resource: .*status of (\d+)/.exec(problem)?.[1];
  return status !== undefined && statuses.has(Number(status));
}

async function watchPolicy(context: BrowserContext, problems: string[]): Promise<void> {
  await context.exposeBinding("tellViolation", (_source, text: string) => problems.push(`policy: ${text}`));
  await context.addInitScript({ content: TELL_VIOLATIONS });
}

/** Runs in the page. A text, because the tests are compiled for Node, which knows no document. */
const TELL_VIOLATIONS = `document.addEventListener("securitypolicyviolation", (event) =>
  tellViolation(event.violatedDirective + " " + event.blockedURI + " " + event.sample));`;

/** Keeps a picture of a page in test-results, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}
