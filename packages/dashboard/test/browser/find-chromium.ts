import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** A Chromium that may start. */
export interface FoundChromium {
  readonly path: string;
  readonly args: readonly string[];
}

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/**
 * Finds what may be a Chromium, in the order in which to try: that of `MILLRACE_TEST_CHROMIUM`, those of this machine,
 * and the one of an npm package, which needs few libraries of the system.
 */
export async function* findChromiums(env: NodeJS.ProcessEnv = process.env): AsyncGenerator<FoundChromium> {
  const folders = ["/usr/bin", ...(env["PATH"] ?? "").split(delimiter)];
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const asked = env["MILLRACE_TEST_CHROMIUM"];
  for (const path of new Set([...(asked ? [asked] : []), ...paths]))
    if (isProgram(path)) yield { path, args: [] };
  // The package is built for Linux on x64. Its first start unpacks it, in some seconds.
  if (process.platform !== "linux" || process.arch !== "x64") return;
  const { default: chromium } = await import("@sparticuz/chromium");
  // Its own list of arguments is for functions in a cloud: all in one process, which a crash of one page ends, and
  // without the rules of the web that the tests look at.
  yield { path: await chromium.executablePath(), args: [] };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // No such file, or no program.
    return false;
  }
}
