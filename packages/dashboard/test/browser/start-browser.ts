import { chromium } from "playwright-core";
import { type FoundChromium, findChromiums } from "./find-chromium.ts";

/** The browser of all test files, or why there is none. */
export type ProvidedBrowser = { wsEndpoint: string } | { missing: string };

declare module "vitest" {
  interface ProvidedContext {
    millraceTestBrowser: ProvidedBrowser;
  }
}

/** Starts the browser that all test files share. Without a browser, the browser's tests are skipped. */
export async function startBrowser(): Promise<{ provided: ProvidedBrowser; stop(): Promise<void> }> {
  if (process.env["MILLRACE_TEST_CHROMIUM"] === "off") return without("MILLRACE_TEST_CHROMIUM is off");
  const reasons: string[] = [];
  try {
    for await (const found of findChromiums()) {
      try {
        const server = await launch(found);
        return { provided: { wsEndpoint: server.wsEndpoint() }, stop: () => server.close() };
      } catch (error) {
        reasons.push(`${found.path} does not start: ${firstLine(error)}`);
      }
    }
  } catch (error) {
    reasons.push(`no Chromium can be unpacked: ${firstLine(error)}`);
  }
  return without(reasons.join("; ") || "there is no Chromium on this machine");
}

function without(missing: string) {
  return { provided: { missing }, stop: async () => undefined };
}

function launch({ path, args }: FoundChromium) {
  return chromium.launchServer({
    executablePath: path,
    // Chromium's sandbox refuses to run as root, as in a container. The pages of these tests are our own.
    chromiumSandbox: false,
    args: ["--disable-dev-shm-usage", ...args],
  });
}

function firstLine(error: unknown): string {
  return String(error).split("\n", 1)[0] ?? "";
}
