import { type BrowserServer, chromium } from "playwright-core";
import { findChromium } from "./find-chromium.ts";

/** The browser of all test files, or why there is none. */
export type ProvidedBrowser = { wsEndpoint: string } | { missing: string };

declare module "vitest" {
  interface ProvidedContext {
    millraceTestBrowser: ProvidedBrowser;
  }
}

/** Starts the browser that all test files share. Without a browser, the browser's tests are skipped. */
export async function startBrowser(): Promise<{ provided: ProvidedBrowser; stop(): Promise<void> }> {
  try {
    const found = await findChromium();
    if (found === null) return without("there is no Chromium on this machine");
    const server: BrowserServer = await chromium.launchServer({
      executablePath: found.path,
      // Chromium's sandbox refuses to run as root, as in a container. The pages of these tests are our own.
      chromiumSandbox: false,
      args: ["--disable-dev-shm-usage", ...found.args],
    });
    return { provided: { wsEndpoint: server.wsEndpoint() }, stop: () => server.close() };
  } catch (error) {
    return without(`Chromium does not start: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function without(missing: string) {
  return { provided: { missing }, stop: async () => undefined };
}
