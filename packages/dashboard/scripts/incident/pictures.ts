import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { startBrowser } from "../../test/browser/start-browser.ts";

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
}

/** A browser that takes pictures of a dashboard. */
export interface Pictures {
  /** Opens a page of the dashboard, in a context of its own. */
  open(path: string, look?: Look): Promise<Page>;
  /** Takes a picture of what the window shows, or of an element. Throws if the picture is too large for the docs. */
  take(name: string, of: Page | Locator): Promise<void>;
  close(): Promise<void>;
}

/** The most bytes of a picture: all pictures are loaded with the page of the docs that has them. */
const BYTES_MAX = 120_000;

/** Starts the browser, which puts its pictures into a folder. Throws where no browser starts. */
export async function startPictures(origin: string, folder: string): Promise<Pictures> {
  mkdirSync(folder, { recursive: true });
  const { provided, stop } = await startBrowser();
  if ("missing" in provided)
    throw new Error(`There is no browser to take pictures with: ${provided.missing}`);
  const browser: Browser = await chromium.connect(provided.wsEndpoint);
  return {
    async open(path, { width = 1_280, height = 800, colorScheme = "light" } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme,
        reducedMotion: "reduce",
        timezoneId: "UTC",
        locale: "en-GB",
      });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(`${origin}${path}`);
      return page;
    },
    async take(name, of) {
      const file = join(folder, `${name}.png`);
      await of.screenshot({ path: file, scale: "css", animations: "disabled", caret: "hide" });
      const { size } = statSync(file);
      if (size > BYTES_MAX)
        throw new Error(`${file} has ${size} bytes: crop it to ${BYTES_MAX} bytes at most.`);
    },
    async close() {
      await browser.close();
      await stop();
    },
  };
}
